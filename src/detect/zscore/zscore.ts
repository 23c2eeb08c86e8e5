import { predictionQuantile } from './student.ts'
import type { ReadingWindows } from './windows.ts'

export interface ZScoreOptions {
  /** Readings before the newest that make its mean and deviation. */
  readonly window: number
  /** Fewest readings, the newest included. */
  readonly minReadings: number
  /** Smallest deviation that counts for each feature, in its own unit: below it, a wobble is no anomaly. */
  readonly resolution: Float64Array
}

/** A wobble of this share of the mean is never told from rest. */
const RELATIVE_RESOLUTION = 0.02

/**
 * Distance of a reading from the mean of the readings before it, in their standard deviations: the newest is in neither.
 * A z within the window itself could not exceed (n − 1)/√n, 5.3 for 30 readings, however wild the reading.
 */
export interface ZScore {
  /**
   * Writes |z| of every feature into `distances` (0 where nothing is known), and mean and deviation of the readings
   * before into `means` and `deviations`.
   * @returns whether there were readings enough
   */
  measure(slot: number, values: ArrayLike<number>, offset: number): boolean
  readonly distances: Float64Array
  readonly means: Float64Array
  readonly deviations: Float64Array
}

export function createZScore(windows: ReadingWindows, options: ZScoreOptions): ZScore {
  const { width } = windows
  const means = new Float64Array(width)
  const deviations = new Float64Array(width)
  const distances = new Float64Array(width)
  return {
    means,
    deviations,
    distances,
    measure(slot, values, offset) {
      if (windows.count(slot) < options.minReadings - 1) return false
      windows.moments(slot, means, deviations)
      for (let f = 0; f < width; f++) {
        const floor = Math.max(options.resolution[f], RELATIVE_RESOLUTION * Math.abs(means[f]))
        const z = Math.abs(values[offset + f] - means[f]) / Math.max(deviations[f], floor)
        distances[f] = Number.isFinite(z) ? z : 0
      }
      return true
    },
  }
}

/**
 * The distance that the farthest of `features` Gaussian features passes once in `1 / alarmsPerReading` readings: the
 * threshold before a target has a past of its own to learn one from. Features share the probability (Bonferroni).
 *
 * @param readings in the window, ≥ 2
 */
export function expectedExtreme(readings: number, features: number, alarmsPerReading: number): number {
  return predictionQuantile(Math.min(1, alarmsPerReading / Math.max(1, features)), readings)
}
