import type { ConfigurationFacts, ReceiverFacts, StatusFacts, StatusSource } from '../api/status.ts'
import type { Config } from '../config/resolve.ts'
import { OPEN_STATES } from '../domain/action.ts'
import type { Freeze } from '../domain/safety.ts'
import { type Journal, JournalError } from '../pipeline/journal.ts'
import type { Clock } from '../platform/clock.ts'
import { configWarnings } from './config-warnings.ts'
import type { EngineHealth } from './engine-health.ts'
import { kindOf } from './notifiers.ts'
import type { ReceiverOutcomes } from './receiver-outcomes.ts'

export interface StatusDependencies {
  readonly version: string
  /** By the clock of the wall, ms since the epoch. */
  readonly startedAt: number
  readonly wallClock: Pick<Clock, 'now' | 'sleep'>
  /** As it is in force now, and when and from where it was read. */
  readonly config: () => Config
  readonly configuration: () => Omit<ConfigurationFacts, 'warnings'>
  readonly health: () => EngineHealth
  readonly receivers: ReceiverOutcomes
  readonly journal: Pick<Journal, 'transaction'>
  readonly fileFreeze: () => Freeze | undefined
  /** By the clock of the readings, ms since the epoch. */
  readonly now: () => number
}

type Kept = Pick<StatusFacts, 'ongoing' | 'actions' | 'freeze'>

const MOST_OPEN = 1000
/** A store that hangs must not make those wait who want to know how things are. */
const STORE_PATIENCE_MS = 2_000

export function createStatus(dependencies: StatusDependencies): StatusSource {
  const { journal, fileFreeze, now, wallClock } = dependencies
  let kept: Kept = { ongoing: [], actions: [], freeze: undefined }
  let reading: Promise<Kept> | undefined

  async function readStore(): Promise<Kept> {
    try {
      kept = await journal.transaction(async (entries) => ({
        ongoing: (await entries.ongoing()).filter(({ state }) => state !== 'recovered'),
        actions: await entries.actions({ states: OPEN_STATES, limit: MOST_OPEN }),
        freeze: await entries.freeze(),
      }))
    } catch (error) {
      // As it was read last; that the store fails is told elsewhere.
      if (!(error instanceof JournalError)) throw error
    }
    return kept
  }

  /** Everyone who looks on asks after every cycle: those who ask at once share an answer. */
  function recent(): Promise<Kept> {
    reading ??= readStore().finally(() => {
      reading = undefined
    })
    const enough = new AbortController()
    const patience = wallClock.sleep(STORE_PATIENCE_MS, enough.signal).then(
      () => kept,
      () => kept,
    )
    return Promise.race([reading, patience]).finally(() => enough.abort())
  }

  return {
    async read() {
      const { ongoing, actions, freeze } = await recent()
      const config = dependencies.config()
      return {
        at: now(),
        version: dependencies.version,
        startedAt: dependencies.startedAt,
        uptimeMs: wallClock.now() - dependencies.startedAt,
        intervalMs: config.interval,
        ...dependencies.health(),
        training: { minHistoryMs: config.train.min_history, intervalMs: config.train.interval },
        receivers: receiversOf(config, dependencies.receivers),
        configuration: { ...dependencies.configuration(), warnings: configWarnings(config) },
        ongoing,
        actions,
        freeze: fileFreeze() ?? freeze,
      }
    },
  }
}

function receiversOf({ notifications }: Config, outcomes: ReceiverOutcomes): ReceiverFacts[] {
  return notifications.receivers.map((receiver) => {
    return { name: receiver.name, kind: kindOf(receiver), ...outcomes.of(receiver.name) }
  })
}
