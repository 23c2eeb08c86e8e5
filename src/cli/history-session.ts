import { StoreError } from '../app/casebook.ts'
import { DataDirError, prepareDataDir } from '../app/daemon.ts'
import { type FeaturePlan, planFeatures } from '../app/features.ts'
import { createSource } from '../app/sources.ts'
import { storedMask } from '../app/stored-mask.ts'
import { type TrainingSetup, trainingSetup } from '../app/training-setup.ts'
import type { Config } from '../config/resolve.ts'
import { systemClock } from '../platform/clock.ts'
import { systemEnvironment } from '../platform/environment.ts'
import { createLogger } from '../platform/logger.ts'
import { SecretError } from '../platform/secrets.ts'
import type { Mask } from '../train/gather.ts'
import type { ConfigOptions } from './configuration.ts'
import { UsageError } from './exit.ts'

/** A source opened to read its past. */
export interface HistorySession {
  readonly features: FeaturePlan
  readonly setup: TrainingSetup
  /** Whether the source itself remembers; else the data directory does. */
  readonly remembers: boolean
  /** What a training leaves out. @throws {UsageError} when the store cannot be read */
  masked(): Promise<Mask>
  close(): Promise<void>
}

/** @throws {UsageError} when there is no source to read, and when a secret is not where it should be */
export function openHistory(config: Config, options: ConfigOptions): HistorySession {
  if (config.source.type === 'push')
    throw new UsageError('source.type is push: of what services push, no history is kept; name a source that has one')
  const features = planFeatures(config)
  // Results go to standard output; the log keeps to what is wrong unless more is asked for.
  const logger = createLogger(options.logLevel === undefined ? 'warn' : config.log.level, process.stderr)
  try {
    const source = createSource(config, features, { clock: systemClock, environment: systemEnvironment, logger })
    const setup = trainingSetup(config, features, source)
    const dependencies = { clock: systemClock, environment: systemEnvironment, logger }
    return {
      features,
      setup,
      remembers: source.history !== undefined,
      masked: () => storedMask(config, dependencies).catch(explainStore),
      close: () => source.close(),
    }
  } catch (error) {
    if (error instanceof SecretError) throw new UsageError(error.message)
    throw error
  }
}

function explainStore(error: unknown): never {
  throw error instanceof StoreError ? new UsageError(error.message) : error
}

/** @throws {UsageError} when nothing can be written there */
export async function requireDataDir(dir: string): Promise<void> {
  await prepareDataDir(dir).catch((error: unknown) => {
    throw error instanceof DataDirError ? new UsageError(error.message) : error
  })
}
