import { quantileOf } from './quantile.ts'

/**
 * How to bring one target's features to a common scale, fitted on its training rows and kept with its model.
 * By feature: `minimum` and `range` for min-max scaling to [0, 1], `center` and `spread` for deviations, `median` for
 * values that are missing. A feature without a single training value has an infinite `spread` and `range`: it scales
 * to 0 whatever it does later.
 */
export interface Scaler {
  readonly minimum: Float32Array
  readonly range: Float32Array
  readonly center: Float32Array
  readonly spread: Float32Array
  readonly median: Float32Array
}

/** A deviation is counted in no less than this share of the feature's range in training. */
const LEAST_SPREAD = 0.1
/** Deviations are told apart up to here … */
export const FARTHEST = 20
/** … and enter a model up to here: a wild reading shall not drown the others. */
export const FARTHEST_INPUT = 8

/**
 * @param rows row-major, rows × width, NaN where missing
 * @param resolution smallest change that matters, for each feature; 0 where nothing is known
 */
export function fitScaler(rows: Float32Array, width: number, resolution: ArrayLike<number>): Scaler {
  const scaler: Scaler = {
    minimum: new Float32Array(width),
    range: new Float32Array(width),
    center: new Float32Array(width),
    spread: new Float32Array(width),
    median: new Float32Array(width),
  }
  for (let f = 0; f < width; f++) {
    const sorted = column(rows, width, f).sort()
    if (sorted.length === 0) {
      scaler.range[f] = scaler.spread[f] = Number.POSITIVE_INFINITY
      continue
    }
    const minimum = sorted[0]
    const span = sorted[sorted.length - 1] - minimum
    // A feature that never moved has no range; its size, or 1, stands in, so that a first move does not divide by 0.
    const range = Math.max(span > 0 ? span : Math.max(1, Math.abs(minimum)), resolution[f])
    const { mean, deviation } = moments(sorted)
    scaler.minimum[f] = minimum
    scaler.range[f] = range
    scaler.center[f] = mean
    scaler.spread[f] = Math.max(deviation, LEAST_SPREAD * range, resolution[f])
    scaler.median[f] = quantileOf(sorted, 0.5)
  }
  return scaler
}

/**
 * Deviations of a row, within ±20; a missing value counts as the median.
 *
 * @param row the reading, from `offset` on
 * @param out `width` numbers, from `outOffset` on
 */
export function toDeviations(
  scaler: Scaler,
  row: ArrayLike<number>,
  offset: number,
  out: Float32Array,
  outOffset: number,
): void {
  const { center, spread, median } = scaler
  for (let f = 0; f < center.length; f++) {
    const value = row[offset + f]
    const z = ((Number.isNaN(value) ? median[f] : value) - center[f]) / spread[f]
    // NaN, an infinite reading of a feature that training never saw, falls through to 0.
    out[outOffset + f] = z > FARTHEST ? FARTHEST : z < -FARTHEST ? -FARTHEST : z || 0
  }
}

/** A deviation back in the feature's own unit. */
export function fromDeviation(scaler: Scaler, feature: number, z: number): number {
  const { center, spread } = scaler
  return Number.isFinite(spread[feature]) ? center[feature] + z * spread[feature] : Number.NaN
}

function column(rows: Float32Array, width: number, feature: number): Float64Array {
  const values = new Float64Array(rows.length / width)
  let count = 0
  for (let at = feature; at < rows.length; at += width) if (Number.isFinite(rows[at])) values[count++] = rows[at]
  return values.subarray(0, count)
}

function moments(values: Float64Array): { mean: number; deviation: number } {
  let sum = 0
  for (const value of values) sum += value
  const mean = sum / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  return { mean, deviation: Math.sqrt(squares / values.length) }
}
