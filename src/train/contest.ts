import type { Kernel } from '../detect/kernel/kernel.ts'
import type { TargetModel } from '../detect/model.ts'
import { createModelScorer } from '../detect/model-scorer.ts'
import { fitScaler, fromDeviation } from '../detect/scaler.ts'
import type { TrainingSet } from '../domain/training-set.ts'
import { type FittedTarget, fitModel } from './fit.ts'
import type { FitOptions } from './fit-options.ts'
import { matrixOf } from './rescore.ts'

/** How the model in use and a new one did on rows that neither was trained on. */
export interface Contest {
  /** Mean squared error of what each expected, in common deviations, none counted beyond ±8. */
  readonly championLoss: number
  readonly challengerLoss: number
  /** Rows that both were judged on, over all targets. */
  readonly rows: number
}

/** The newest share of the time since the champion was trained that is held back; the rest is what a challenger gains. */
const HELD_BACK = 0.3
/** A verdict over fewer rows would be a draw of lots. */
const FEWEST_ROWS = 30
const FARTHEST = 8

/**
 * When to hold rows back from, ms since the epoch.
 *
 * @param championTo end of the champion's training data
 * @returns undefined when too little has happened since to tell two models apart
 */
export function heldBackFrom(sets: readonly TrainingSet[], championTo: number): number | undefined {
  const newest = Math.max(...sets.map((set) => set.times[set.times.length - 1]))
  // Of an old champion's time only a part may have been read: a challenger must have something to learn from.
  const oldest = Math.max(championTo, Math.min(...sets.map((set) => set.times[0])))
  const from = newest - HELD_BACK * (newest - oldest)
  const rows = sets.reduce((sum, { times }) => sum + times.filter((time) => time > from).length, 0)
  return rows < FEWEST_ROWS ? undefined : from
}

/**
 * Fits a challenger to the rows up to `heldFrom` and judges both models on the rows after it.
 *
 * @param champions the models in use, by target id; targets without one do not take part
 */
export function contest(
  sets: ReadonlyMap<string, TrainingSet>,
  champions: ReadonlyMap<string, FittedTarget>,
  heldFrom: number,
  options: FitOptions,
  kernel: Kernel,
): Contest {
  const older = new Map(
    [...sets].map(([id, set]) => [id, until(set, heldFrom)] as const).filter(([, set]) => set.times.length >= 2),
  )
  const challengers = fitModel(older, options, kernel)
  const sums = { champion: 0, challenger: 0, rows: 0 }
  for (const [id, set] of sets) {
    const champion = champions.get(id)?.model
    const challenger = challengers.targets.get(id)?.model
    if (champion === undefined || challenger === undefined) continue
    const judge = (model: TargetModel) => summedLoss(set, model, heldFrom, options, kernel)
    const { rows, sum } = judge(champion)
    sums.champion += sum
    sums.challenger += judge(challenger).sum
    sums.rows += rows
  }
  challengers.weights.autoencoder.dispose()
  challengers.weights.forecast.dispose()
  return {
    championLoss: sums.champion / sums.rows,
    challengerLoss: sums.challenger / sums.rows,
    rows: sums.rows,
  }
}

/** Whether the challenger takes over: better by the margin, a share of the champion's loss. */
export function challengerWins({ championLoss, challengerLoss }: Contest, margin: number): boolean {
  return challengerLoss < championLoss * (1 - margin)
}

/** Sum over the rows after `heldFrom` of the mean squared error over the features. */
function summedLoss(
  set: TrainingSet,
  model: TargetModel,
  heldFrom: number,
  options: FitOptions,
  kernel: Kernel,
): { sum: number; rows: number } {
  const width = set.names.length
  // Both models are measured with the same rod, whatever scale each was trained on.
  const { spread } = fitScaler(set.rows, width, options.resolution)
  const scorer = createModelScorer({ width, intervalMs: options.intervalMs, kernel })
  scorer.grow(1)
  scorer.adopt(0, { ...model, memory: undefined })
  let sum = 0
  let rows = 0
  for (let row = 0; row < set.times.length; row++) {
    scorer.score(matrixOf(set, row, width), [0])
    if (set.times[row] <= heldFrom) continue
    const expected = scorer.expectation(0)
    let squares = 0
    for (let f = 0; f < width; f++) {
      const error = (set.rows[row * width + f] - fromDeviation(model.scaler, f, expected[f])) / spread[f]
      if (Number.isFinite(error)) squares += Math.min(Math.abs(error), FARTHEST) ** 2
    }
    sum += squares / width
    rows++
  }
  return { sum, rows }
}

function until(set: TrainingSet, heldFrom: number): TrainingSet {
  const found = set.times.findIndex((time) => time > heldFrom)
  const rows = found < 0 ? set.times.length : found
  return { names: set.names, times: set.times.slice(0, rows), rows: set.rows.slice(0, rows * set.names.length) }
}
