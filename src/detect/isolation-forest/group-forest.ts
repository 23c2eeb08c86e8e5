import { createRandom, seedFor, shuffle } from '../../domain/random.ts'
import { quantileOf } from '../quantile.ts'
import type { ReadingWindows } from '../zscore/windows.ts'
import { type Forest, forestScores, growForest } from './forest.ts'

export interface GroupForestOptions {
  readonly trees: number
  readonly sampleSize: number
  /** Share of the training rows that count as anomalous. */
  readonly contamination: number
  /** Readings a target needs before its rows are used, and the fewest rows of a forest. */
  readonly minReadings: number
  readonly refitIntervalMs: number
  readonly seed: number
}

/**
 * One isolation forest for all targets of a group, grown from the rows in their windows. Each row is first expressed
 * in deviations from its own target's window, so that a large and a small host can share the trees.
 * Grown once and kept; grown again on a schedule, never on every tick.
 */
export interface GroupForest {
  /** Grows or regrows when it is time. @param slots targets of the group */
  refitWhenDue(at: number, slots: readonly number[], windows: ReadingWindows): void
  /**
   * Writes 2^(−E[h]/c(ψ)), 0–1, of each reading into `scores`; NaN before the first forest.
   *
   * @param standardized readings in deviations from their windows, row-major, as many as `scores` has places
   */
  score(standardized: Float32Array, scores: Float64Array): void
  /** Score beyond which the `contamination` share of the training rows lay; NaN before the first forest. */
  readonly flagAbove: number
  /** The training rows' 99.5 % quantile, at least 0.6 (below it nothing stands out); NaN before the first forest. */
  readonly reference: number
}

/** Rows the forest is grown from at most; more would not change trees of a few hundred rows. */
const MOST_ROWS = 4096
/** A distance beyond which rows are not told apart: a single wild reading must not stretch every cut. */
const FARTHEST = 20
const STANDS_OUT = 0.6

export function createGroupForest(name: string, options: GroupForestOptions): GroupForest {
  let forest: Forest | undefined
  let grownAt = Number.NEGATIVE_INFINITY
  let grownFrom = 0
  let flagAbove = Number.NaN
  let reference = Number.NaN

  return {
    get flagAbove() {
      return flagAbove
    },
    get reference() {
      return reference
    },
    refitWhenDue(at, slots, windows) {
      const ready = slots.filter((slot) => windows.count(slot) >= options.minReadings)
      const available = ready.reduce((sum, slot) => sum + windows.count(slot), 0)
      const full = ready.length * windows.length
      const fuller = grownFrom < Math.min(full, MOST_ROWS) && available >= Math.min(2 * grownFrom, full)
      if (available < options.minReadings || (at - grownAt < options.refitIntervalMs && !fuller)) return
      const random = createRandom(seedFor(options.seed, name))
      const rows = collect(ready, windows, random)
      forest = growForest(rows, windows.width, options, random)
      const scores = new Float64Array(rows.length / windows.width)
      forestScores(forest, rows, scores)
      scores.sort()
      flagAbove = quantileOf(scores, 1 - options.contamination)
      reference = Math.max(STANDS_OUT, quantileOf(scores, 0.995))
      grownAt = at
      grownFrom = available
    },
    score(standardized, scores) {
      if (forest === undefined) scores.fill(Number.NaN)
      else forestScores(forest, standardized, scores)
    },
  }
}

function collect(slots: readonly number[], windows: ReadingWindows, random: () => number): Float32Array {
  const { width } = windows
  const order = Int32Array.from(slots)
  const chosen = Math.min(order.length, Math.ceil(MOST_ROWS / windows.length))
  shuffle(order, random, chosen)
  const parts: Float32Array[] = []
  const mean = new Float64Array(width)
  const deviation = new Float64Array(width)
  for (const slot of order.subarray(0, chosen)) {
    const rows = windows.view(slot)
    windows.moments(slot, mean, deviation)
    parts.push(Float32Array.from(rows, (value, i) => standardize(value, mean[i % width], deviation[i % width])))
  }
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}

/** Deviations from the mean, within ±20; 0 where the value is missing or the feature does not vary. */
export function standardize(value: number, mean: number, deviation: number): number {
  const z = (value - mean) / deviation
  return Number.isFinite(z) ? Math.max(-FARTHEST, Math.min(FARTHEST, z)) : 0
}
