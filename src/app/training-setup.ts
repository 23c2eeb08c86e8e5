import { join } from 'node:path'
import type { Config } from '../config/resolve.ts'
import { createFeaturizer, type Featurizer } from '../featurize/featurizer.ts'
import type { Source } from '../observe/source.ts'
import { createHistory, type History } from '../store/history/history.ts'
import { type ContestLog, createContestLog } from '../store/models/contest-log.ts'
import { createModelStore, type ModelStore } from '../store/models/model-store.ts'
import type { HistoryReader } from '../train/gather.ts'
import { fitOptions } from './detection-options.ts'
import type { FeaturePlan } from './features.ts'
import type { TrainingOptions } from './training.ts'

/** What training works with; the daemon and the command `train` share it. */
export interface TrainingSetup {
  readonly options: TrainingOptions
  readonly newFeaturizer: () => Featurizer
  /** Where observations are kept, for a source that remembers none. */
  readonly recorder: History | undefined
  readonly history: HistoryReader
  readonly store: ModelStore
  readonly contests: ContestLog
}

/** Observations on disk outlive the stretch that training reads by so much. */
const HISTORY_MARGIN_MS = 86_400_000

export function trainingSetup(config: Config, features: FeaturePlan, source: Source): TrainingSetup {
  const recorder = recorderFor(source, features.base, config)
  return {
    options: {
      fit: fitOptions(config, features.resolution),
      history: {
        intervalMs: config.interval,
        historyMs: config.train.history,
        maxRows: config.train.max_rows,
        consecutive: features.consecutive,
      },
      minHistoryMs: config.train.min_history,
      retrainMs: config.train.interval,
      margin: config.train.margin,
      cpuShare: config.train.cpu_share,
      scope: config.train.scope,
    },
    newFeaturizer: () =>
      createFeaturizer({
        base: features.base,
        engineered: features.engineered,
        intervalMs: config.interval,
        forwardFillMs: config.clean.forward_fill,
      }),
    recorder,
    history: recorder ?? source.history!,
    store: createModelStore(join(config.data_dir, 'models')),
    contests: contestLogIn(config.data_dir),
  }
}

/** Where every switch of models is on record. */
export function contestLogIn(dataDir: string): ContestLog {
  return createContestLog(join(dataDir, 'contests.jsonl'))
}

/** A source that remembers nothing gets a memory on disk. */
function recorderFor(source: Source, features: readonly string[], config: Config): History | undefined {
  if (source.history !== undefined) return undefined
  return createHistory(features, {
    dir: join(config.data_dir, 'history'),
    retentionMs: config.train.history + HISTORY_MARGIN_MS,
  })
}
