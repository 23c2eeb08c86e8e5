import { randomUUID } from 'node:crypto'
import type { Happening } from '../api/events/happenings.ts'
import type { Config } from '../config/resolve.ts'
import type { Freeze } from '../domain/safety.ts'
import { JournalError } from '../pipeline/journal.ts'
import type { Clock } from '../platform/clock.ts'
import type { Environment } from '../platform/environment.ts'
import type { Logger } from '../platform/logger.ts'
import { openStore, type Store } from '../store/sql/store.ts'
import { createExperience, type Experience } from './experience.ts'
import { freezeFile } from './freeze-file.ts'
import { createIds } from './ids.ts'
import { storeOptions } from './store-options.ts'
import { tellingJournal } from './telling-journal.ts'
import { createTroubleLog, troubleOf } from './troubles.ts'

export interface CasebookDependencies {
  readonly clock: Clock
  readonly environment: Environment
  readonly logger: Logger
  /** Hears what is kept. */
  readonly tell?: (happening: Happening) => void
}

/** What outlives an engine: the store, what was learned from it, and who we are to it. */
export interface Casebook {
  readonly journal: Store
  readonly experience: Experience
  readonly owner: string
  /** Every process that lives; says that this one does. */
  readonly alive: () => Promise<readonly string[]>
  readonly newId: (at: number) => string
  readonly fileFreeze: () => Freeze | undefined
  close(): Promise<void>
}

/** The store cannot be used. The message says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}

/** A process that has not said for so long that it lives is taken for dead. */
const PRESENCE_MS = 30_000
const REFRESH_MS = 600_000
/** Forgetting what is old is not urgent. */
const RETAIN_EVERY = 6

/**
 * Opens the store and reads what was learned.
 *
 * @throws {StoreError}
 */
export async function openCasebook(config: Config, dependencies: CasebookDependencies): Promise<Casebook> {
  const { clock } = dependencies
  const owner = randomUUID()
  const logger = dependencies.logger.child({ component: 'store' })
  const store = await openStore(storeOptions(config), { ...dependencies, logger, owner }).catch(explain)
  const journal = dependencies.tell === undefined ? store : tellingJournal(store, dependencies.tell)
  const experience = createExperience(journal)
  try {
    await experience.refresh(clock.now())
  } catch (error) {
    await journal.close()
    explain(error)
  }
  const closing = new AbortController()
  const keeping = keep(journal, experience, clock, logger, closing.signal)
  return {
    journal,
    experience,
    owner,
    alive: () => journal.presence(PRESENCE_MS),
    newId: createIds(),
    fileFreeze: freezeFile(config.data_dir),
    async close() {
      closing.abort(new Error('closing'))
      await keeping
      await journal.close()
    },
  }
}

function explain(error: unknown): never {
  if (error instanceof JournalError) throw new StoreError(error.message, { cause: error })
  throw error
}

/** Reads what other processes have added, and now and then forgets what is old. */
async function keep(
  journal: Store,
  experience: Experience,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const trouble = createTroubleLog(logger, { begun: 'the store cannot be read', over: 'the store is read again' })
  for (let round = 0; !signal.aborted; round++) {
    try {
      if (round % RETAIN_EVERY === 0) await journal.retain(clock.now())
      if (round > 0) await experience.refresh(clock.now())
      trouble.say(undefined, {})
    } catch (error) {
      trouble.say(...troubleOf(error))
    }
    await clock.sleep(REFRESH_MS, signal).catch(() => {})
  }
}
