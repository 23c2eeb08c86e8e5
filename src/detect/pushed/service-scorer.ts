import type { FeatureMatrix } from '../../domain/feature-matrix.ts'
import { contributionsOf } from '../contributions.ts'
import { createYoungScorer, type YoungOptions, type YoungScorer } from '../young.ts'
import { expectedExtreme } from '../zscore/zscore.ts'
import { CalmReadings } from './calm-readings.ts'
import { NoiseReach } from './noise-reach.ts'
import { pushedResolution } from './resolution.ts'

export interface ServiceScorerOptions extends Omit<YoungOptions, 'width' | 'resolution'> {
  readonly names: readonly string[]
}

/** The scorer of one service, alone in slot 0. */
export interface ServiceScorer extends YoungScorer {
  memory(): ServiceMemory
  /** Goes on from what was kept of a scorer with the same names and window. Call before the first reading. */
  recall(memory: ServiceMemory): void
}

/** What is remembered of one service; rows are one after the other, oldest first. */
export interface ServiceMemory {
  readonly calm: Float32Array
  readonly waiting: Float32Array
  /** The last readings as they came. */
  readonly newest: Float32Array
  readonly noise: Float64Array
}

/** Calm readings that are compared with; half an hour of readings every 3 s. */
const REMEMBERED = 600
/**
 * Calm readings wait so long until they count as usual, once there are enough of them, and never more than half as many
 * as count already: what grows slowly is compared with what was before it began, a trend that was always there is not.
 */
const WAITING = 50
const ENOUGH = 60
/** What lasts so long, and so many readings, is the new normal. */
const LASTING_MS = 30 * 60_000
const LASTING_READINGS = 60
/** An anomaly of so few readings may have been noise, which has a say in how noisy the service is. */
const PASSING_READINGS = 2
/** Real readings wander a little farther than Gaussian ones; measured, see docs/detection.md. */
const WANDER = 1.2
/** Of the combined score: below it a service that was anomalous is calm again. */
const CALM = 0.8

/**
 * Scores one service that pushes its readings. The z-score is taken against the readings before while the service was
 * calm, up to 600 of them: a fault that lasts does not become its own normal, and its end is no new anomaly. The
 * isolation forest, and KIRA's rule, see the last readings as they came. The forest adds to what the z-score finds
 * unusual as well: alone it is too often struck by a reading that is only rare.
 */
export function createServiceScorer({ names, ...options }: ServiceScorerOptions): ServiceScorer {
  const width = names.length
  const resolutions = names.map(pushedResolution)
  const young = createYoungScorer({ ...options, width, resolution: new Float64Array(width) })
  young.grow(1)
  const calm = new CalmReadings(width, REMEMBERED)
  /** Of every feature, and last of both detectors together. */
  const noise = new NoiseReach(width + 1)
  const distances = new Float64Array(width)
  const expected = new Float64Array(width).fill(Number.NaN)
  const extremes = new Map<number, number>()
  const zscore = Float64Array.of(Number.NaN)
  const combined = Float64Array.of(Number.NaN)
  let newest: Float64Array[] = []
  /** Calm readings that are too new to be compared with, oldest first. */
  let waiting: Float64Array[] = []
  /** Readings since the service is not calm. */
  let unusual: Float64Array[] = []
  let unusualCount = 0
  let unusualSince = Number.NaN

  /** The farthest distance to expect; the number of readings is rounded down, so that few are worked out. */
  function extremeFor(count: number): number {
    const rounded = count < 32 ? count : 2 ** Math.floor(Math.log2(count))
    let extreme = extremes.get(rounded)
    if (extreme === undefined) {
      extreme = WANDER * expectedExtreme(rounded, width, options.alarmsPerReading)
      extremes.set(rounded, extreme)
    }
    return extreme
  }

  /** Distances of a reading, in units of what is to be expected. @returns the farthest; NaN with too few readings */
  function measure(row: Float64Array): number {
    if (calm.count < options.zscore.minReadings - 1) return Number.NaN
    let farthest = 0
    for (let f = 0; f < width; f++) {
      const mean = calm.meanOf(f)
      const deviation = Math.max(calm.deviationOf(f), resolutions[f](mean))
      const reach = extremeFor(Math.max(2, calm.countOf(f))) * noise.of(f)
      const distance = Math.abs(row[f] - mean) / deviation / reach
      expected[f] = mean
      distances[f] = Number.isFinite(distance) ? distance : 0
      if (distances[f] > farthest) farthest = distances[f]
    }
    return farthest
  }

  function rememberCalm(rows: readonly Float64Array[]): void {
    waiting.push(...rows)
    const most = calm.count < ENOUGH ? 0 : Math.min(WAITING, calm.count / 2)
    while (waiting.length > most) calm.push(waiting.shift()!)
  }

  function remember(at: number, row: Float64Array, score: number, together: number): void {
    const wasCalm = unusualCount === 0
    if (wasCalm ? !(score > 1) : score < CALM) {
      const isNoise = unusualCount > 0 && unusualCount <= PASSING_READINGS && noise.passed()
      noise.calm()
      rememberCalm(isNoise ? [...unusual, row] : [row])
      unusual = []
      unusualCount = 0
      return
    }
    if (wasCalm) unusualSince = at
    unusualCount++
    for (let f = 0; f < width; f++) noise.note(f, distances[f])
    noise.note(width, together)
    unusual.push(row)
    if (unusual.length > options.zscore.window) unusual.shift()
    // A service that was hardly known yet is not held to its first readings for half an hour.
    const known = calm.count + waiting.length >= LASTING_READINGS
    if (unusualCount < LASTING_READINGS || (known && at - unusualSince < LASTING_MS)) return
    calm.clear()
    for (const one of unusual) calm.push(one)
    unusual = []
    unusualCount = 0
  }

  return {
    combined,
    zscore,
    get forest() {
      return young.forest
    },
    get any() {
      return young.any
    },
    grow: () => {},
    clear() {
      young.clear(0)
      calm.clear()
      newest = []
      waiting = []
      unusual = []
      unusualCount = 0
      zscore[0] = combined[0] = Number.NaN
    },
    score(matrix: FeatureMatrix, slots) {
      if (slots.length === 0) return
      young.score(matrix, slots)
      const row = matrix.values.slice(0, width)
      newest.push(row)
      if (newest.length > options.zscore.window) newest.shift()
      const z = measure(row)
      const forest = young.forest[0]
      const together = Number.isNaN(forest) ? 0 : Math.sqrt(z * forest) / noise.of(width)
      zscore[0] = z
      combined[0] = Math.max(z, together)
      remember(matrix.at, row, combined[0], together)
    },
    fill: young.fill,
    // What is far beyond its bound is not more to blame than what is well beyond: units differ in how far they can go.
    contributions: (_slot, row, offset, features) =>
      contributionsOf(
        features,
        (f) => distances[f] ** 2 / (1 + distances[f] ** 2),
        row,
        offset,
        (f) => expected[f],
      ),
    memory: () => ({
      calm: calm.export(),
      waiting: endToEnd(waiting, width),
      newest: endToEnd(newest, width),
      noise: noise.export(),
    }),
    recall(memory) {
      for (const row of rowsOf(memory.calm, width)) calm.push(row)
      waiting = rowsOf(memory.waiting, width)
      newest = rowsOf(memory.newest, width)
      for (const row of newest) young.fill(0, row)
      noise.import(memory.noise)
    },
  }
}

function endToEnd(rows: readonly Float64Array[], width: number): Float32Array {
  const all = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) all.set(row, i * width)
  return all
}

function rowsOf(values: Float32Array, width: number): Float64Array[] {
  return Array.from({ length: values.length / width }, (_, i) =>
    Float64Array.from(values.subarray(i * width, (i + 1) * width)),
  )
}
