import { CLASSIC_HIDDEN, type Config } from '../config/resolve.ts'
import type { Kernel } from '../detect/kernel/kernel.ts'
import type { FeatureMatrix } from '../domain/feature-matrix.ts'
import type { Verdict } from '../domain/verdict.ts'
import { createFeaturizer } from '../featurize/featurizer.ts'
import type { OnEpoch } from '../train/autoencoder.ts'
import { evaluate } from '../train/evaluate.ts'
import type { Fitted } from '../train/fit.ts'
import { RowCollector } from '../train/gather.ts'
import { detectionOptions, fitOptions } from './detection-options.ts'

/** `generic`: the shipped default. `classic`: the plain 14-8-4-8-14 autoencoder on features in their training range. */
export type ColumnPreset = 'generic' | 'classic'

/** What cleaning did to the cells of one stretch of rows. */
export interface CellCounts {
  rows: number
  forwardFilled: number
  /** Cells for which the median stands in. */
  missing: number
  /** Rows with the time of the row before: a reading counts once. */
  droppedRows: number
}

/** Any columns of numbers, cleaned as live readings are: one stretch of rows to fit on, the next to be judged. */
export interface ColumnEvaluation {
  /** Takes in a training row. `at`, in ms since the epoch, never falls. */
  learn(at: number, values: Float64Array): void
  readonly learnt: CellCounts
  /**
   * Fits on what was learnt.
   *
   * @param intervalMs time from row to row
   * @throws {RangeError} without rows enough
   */
  fit(intervalMs: number, onEpoch?: OnEpoch): FittedColumns
}

export interface FittedColumns {
  readonly fitted: Fitted
  /** The verdict on the next row, later than those before, from it and the rows before it alone. */
  judge(at: number, values: Float64Array): Verdict
  readonly judged: CellCounts
}

const TARGET = { id: 'evaluated', labels: {} }

/** @param names of the columns, in the order of the values */
export function createColumnEvaluation(config: Config, names: readonly string[], kernel: Kernel): ColumnEvaluation {
  const featurizer = createFeaturizer({
    base: names,
    engineered: [],
    intervalMs: config.interval,
    forwardFillMs: config.clean.forward_fill,
  })
  const collector = new RowCollector(TARGET, names.length)
  const learnt = noCells()

  function clean(at: number, values: Float64Array, counts: CellCounts): FeatureMatrix {
    const sampledAt = Float64Array.of(at)
    const matrix = featurizer.featurize({ at, features: names, targets: [TARGET], values, sampledAt, warnings: [] })
    counts.rows++
    counts.forwardFilled += matrix.cleaning.forwardFilled
    counts.missing += matrix.cleaning.missing
    counts.droppedRows += matrix.cleaning.droppedRows
    return matrix
  }

  return {
    learnt,
    learn(at, values) {
      const matrix = clean(at, values, learnt)
      if (matrix.fresh[0] === 1) collector.push(at, matrix.values, 0)
    },
    fit(intervalMs, onEpoch) {
      const own = { ...config, interval: intervalMs }
      // Nothing is known of a column but its numbers.
      const resolution = new Float64Array(names.length)
      const set = collector.finish(names)
      const evaluated = evaluate(set, fitOptions(own, resolution), detectionOptions(own, resolution), kernel, onEpoch)
      const judged = noCells()
      let last: Verdict | undefined
      return {
        fitted: evaluated.fitted,
        judged,
        judge(at, values) {
          const matrix = clean(at, values, judged)
          if (matrix.fresh[0] === 1) last = evaluated.judge(at, matrix.values)
          if (last === undefined) throw new RangeError('the rows to judge must be later than the rows to fit on')
          return last
        },
      }
    },
  }
}

/** The configuration with the network of a preset, where it is not that of the configuration's own preset already. */
export function withColumnPreset(config: Config, preset: ColumnPreset | undefined): Config {
  const classic = preset === 'classic'
  if (preset === undefined || classic === (config.features.preset === 'classic')) return config
  const network = {
    hidden: classic ? [...CLASSIC_HIDDEN] : ('auto' as const),
    context: classic ? ('none' as const) : ('recent' as const),
  }
  return { ...config, detect: { ...config.detect, autoencoder: { ...config.detect.autoencoder, ...network } } }
}

function noCells(): CellCounts {
  return { rows: 0, forwardFilled: 0, missing: 0, droppedRows: 0 }
}
