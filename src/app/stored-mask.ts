import type { Config } from '../config/resolve.ts'
import { JournalError } from '../pipeline/journal.ts'
import type { Clock } from '../platform/clock.ts'
import type { Environment } from '../platform/environment.ts'
import type { Logger } from '../platform/logger.ts'
import { openReader, type Reader } from '../store/sql/reader.ts'
import { openStore } from '../store/sql/store.ts'
import type { Mask } from '../train/gather.ts'
import { StoreError } from './casebook.ts'
import { createExperience } from './experience.ts'
import { storeOptions } from './store-options.ts'

export interface StoredMaskDependencies {
  readonly clock: Clock
  readonly environment: Environment
  readonly logger: Pick<Logger, 'warn'>
}

/**
 * What a training beside the daemon leaves out. The daemon may have the store meanwhile.
 *
 * @throws {StoreError} when the store cannot be read
 */
export async function storedMask(config: Config, dependencies: StoredMaskDependencies): Promise<Mask> {
  try {
    const reader = await openFor(config, dependencies)
    if (reader === undefined) return () => false
    const experience = createExperience(reader.journal)
    await experience.refresh(dependencies.clock.now()).finally(reader.close)
    return experience.masked
  } catch (error) {
    if (error instanceof JournalError) throw new StoreError(error.message, { cause: error })
    throw error
  }
}

async function openFor(config: Config, dependencies: StoredMaskDependencies): Promise<Reader | undefined> {
  const options = storeOptions(config)
  const { database } = options
  if (database.kind === 'sqlite') return openReader(database.file, dependencies.clock)
  const store = await openStore(options, { ...dependencies, owner: 'reader' })
  return { journal: store, close: store.close }
}
