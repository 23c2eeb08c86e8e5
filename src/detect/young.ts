import type { FeatureMatrix } from '../domain/feature-matrix.ts'
import type { Contribution } from '../domain/verdict.ts'
import { enlarged } from './arrays.ts'
import { contributionsOf } from './contributions.ts'
import {
  createGroupForest,
  type GroupForest,
  type GroupForestOptions,
  standardize,
} from './isolation-forest/group-forest.ts'
import { ReadingWindows } from './zscore/windows.ts'
import { createZScore, expectedExtreme } from './zscore/zscore.ts'

export interface YoungOptions {
  readonly width: number
  readonly zscore: { readonly window: number; readonly minReadings: number; readonly sigmas: number }
  /** Smallest deviation that counts, for each feature. */
  readonly resolution: Float64Array
  readonly forest: GroupForestOptions
  /** The false-alarm budget, in alarms per reading. */
  readonly alarmsPerReading: number
}

/** Targets that pass the forest side by side; so many readings and a tree fit into the nearest cache. */
const TOGETHER = 64

/**
 * The detectors that need only the last readings: z-score and isolation forest. They speak from the fifth and the
 * twentieth reading on, alone until a target has a trained model, beside it afterwards.
 */
export interface YoungScorer {
  grow(slots: number): void
  clear(slot: number): void
  /** Takes a reading of before into the windows, without a score. */
  fill(slot: number, row: ArrayLike<number>): void
  /** Scores the fresh rows of the matrix, then takes them into the windows. */
  score(matrix: FeatureMatrix, slots: readonly number[]): void
  /** By slot, in units of the alarm threshold that theory sets; NaN before the first detector is ready. */
  readonly combined: Float64Array
  /** By slot, in units of each detector's own threshold; NaN before it is ready. */
  readonly zscore: Float64Array
  readonly forest: Float64Array
  /** By slot: KIRA's rule. Above 1 when either detector flags: z beyond its sigmas, or the forest's contamination. */
  readonly any: Float64Array
  contributions(slot: number, row: ArrayLike<number>, offset: number, names: readonly string[]): Contribution[]
}

export function createYoungScorer(options: YoungOptions): YoungScorer {
  const { width } = options
  const windows = new ReadingWindows(options.zscore.window, width)
  const zscore = createZScore(windows, { ...options.zscore, resolution: options.resolution })
  const forests = new Map<string, GroupForest>()
  const standardized = new Float32Array(TOGETHER * width)
  const forestScores = new Float64Array(TOGETHER)
  const extremes: number[] = []
  let distances = new Float32Array(0)
  let means = new Float32Array(0)
  const out = {
    combined: new Float64Array(0),
    zscore: new Float64Array(0),
    forest: new Float64Array(0),
    any: new Float64Array(0),
  }

  /** The farthest distance to expect of `count` readings; the same for all targets, so it is computed once. */
  const extremeFor = (count: number) => {
    extremes[count] ??= expectedExtreme(count, width, options.alarmsPerReading)
    return extremes[count]
  }

  /** The z-score; false while there are too few readings. */
  function scoreByWindow(matrix: FeatureMatrix, slot: number): boolean {
    const offset = slot * width
    out.zscore[slot] = out.forest[slot] = out.any[slot] = out.combined[slot] = Number.NaN
    if (!zscore.measure(slot, matrix.values, offset)) return false
    let farthest = 0
    for (let f = 0; f < width; f++) {
      const distance = zscore.distances[f]
      if (distance > farthest) farthest = distance
      distances[offset + f] = distance
      means[offset + f] = zscore.means[f]
    }
    const z = farthest / extremeFor(windows.count(slot))
    out.zscore[slot] = z
    out.any[slot] = farthest / options.zscore.sigmas
    out.combined[slot] = z
    return true
  }

  function addForest(slot: number, score: number, forest: GroupForest): void {
    const z = out.zscore[slot]
    out.forest[slot] = aboveOrdinary(score, forest.reference)
    out.any[slot] = Math.max(out.any[slot], score / forest.flagAbove)
    out.combined[slot] = Math.max(z, (z + out.forest[slot]) / 2)
  }

  function scoreTogether(matrix: FeatureMatrix, slots: readonly number[], forest: GroupForest): void {
    const { means, deviations } = zscore
    const scored: number[] = []
    for (const slot of slots) {
      if (!scoreByWindow(matrix, slot) || Number.isNaN(forest.reference)) continue
      const [from, to] = [slot * width, scored.length * width]
      for (let f = 0; f < width; f++) {
        standardized[to + f] = standardize(matrix.values[from + f], means[f], deviations[f])
      }
      scored.push(slot)
    }
    const scores = forestScores.subarray(0, scored.length)
    forest.score(standardized, scores)
    for (let i = 0; i < scored.length; i++) addForest(scored[i], scores[i], forest)
  }

  return {
    get combined() {
      return out.combined
    },
    get zscore() {
      return out.zscore
    },
    get forest() {
      return out.forest
    },
    get any() {
      return out.any
    },
    grow(slots) {
      windows.grow(slots)
      distances = enlarged(distances, slots * width)
      means = enlarged(means, slots * width, Number.NaN)
      for (const name of ['combined', 'zscore', 'forest', 'any'] as const) {
        out[name] = enlarged(out[name], slots, Number.NaN)
      }
    },
    clear(slot) {
      windows.clear(slot)
      distances.fill(0, slot * width, (slot + 1) * width)
      means.fill(Number.NaN, slot * width, (slot + 1) * width)
      out.combined[slot] = out.zscore[slot] = out.forest[slot] = out.any[slot] = Number.NaN
    },
    fill: (slot, row) => windows.push(slot, row, 0),
    score(matrix, slots) {
      for (const [group, members] of groupBy(matrix, slots)) {
        const forest = forests.get(group) ?? createGroupForest(group, options.forest)
        forests.set(group, forest)
        forest.refitWhenDue(matrix.at, members, windows)
        for (let i = 0; i < members.length; i += TOGETHER) {
          scoreTogether(matrix, members.slice(i, i + TOGETHER), forest)
        }
      }
      for (const slot of slots) windows.push(slot, matrix.values, slot * width)
    },
    contributions: (slot, row, offset, names) =>
      contributionsOf(
        names,
        (f) => distances[slot * width + f] ** 2,
        row,
        offset,
        (f) => means[slot * width + f],
      ),
  }
}

/** A forest's score in units of its reference, counted from 0.5, where rows that are all alike lie. */
function aboveOrdinary(score: number, reference: number): number {
  return Math.max(0, score - 0.5) / (reference - 0.5)
}

/** Targets of one job share a forest. */
function groupBy(matrix: FeatureMatrix, slots: readonly number[]): Map<string, number[]> {
  const groups = new Map<string, number[]>()
  for (const slot of slots) {
    const name = matrix.targets[slot]?.labels['job'] ?? ''
    const members = groups.get(name)
    if (members === undefined) groups.set(name, [slot])
    else members.push(slot)
  }
  return groups
}
