import { normalQuantile, normalUpperTail } from './normal-distribution.ts'
import { sortedSample } from './sample.ts'

export interface ShapiroWilk {
  /** 0–1; 1 is a perfectly normal sample. NaN when all values are equal. */
  readonly w: number
  /** Probability of a W as low as this from normal values, 0–1. */
  readonly p: number
}

/** Royston's fits hold up to here; a longer sample is thinned. */
const MOST = 5000

/**
 * Shapiro–Wilk test of normality.
 *
 * W is the squared correlation of the sorted sample with the order statistics that a normal one would have; its p-value
 * comes from Royston's normalising transformations of 1 − W. Longer samples than 5,000 are thinned to that many evenly
 * spaced values of the sorted sample, which keeps its shape and needs no random draw. Equal values have no W: they count
 * as not normal (w NaN, p 0).
 * Source: P. Royston, "Remark AS R94", Applied Statistics 44 (1995), after S. S. Shapiro & M. B. Wilk (1965).
 *
 * @param sample 3 or more finite numbers
 * @throws {RangeError} with fewer, or when one is NaN or infinite
 */
export function shapiroWilk(sample: ArrayLike<number>): ShapiroWilk {
  const sorted = thin(sortedSample(sample, 3), MOST)
  if (sorted[0] === sorted[sorted.length - 1]) return { w: Number.NaN, p: 0 }
  const w = statistic(sorted, weights(sorted.length))
  return { w, p: probability(w, sorted.length) }
}

function thin(sorted: Float64Array, most: number): Float64Array {
  if (sorted.length <= most) return sorted
  const step = (sorted.length - 1) / (most - 1)
  return Float64Array.from({ length: most }, (_, i) => sorted[Math.round(i * step)])
}

/** Weights of the upper half, largest first; the lower half has the same with the sign turned. */
function weights(n: number): Float64Array {
  if (n === 3) return Float64Array.of(Math.SQRT1_2)
  const half = Math.floor(n / 2)
  const expected = Float64Array.from({ length: half }, (_, i) => -normalQuantile((i + 1 - 0.375) / (n + 0.25)))
  const squares = 2 * expected.reduce((sum, m) => sum + m * m, 0)
  const rsn = 1 / Math.sqrt(n)
  const result = new Float64Array(half)
  result[0] =
    polynomial([0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056], rsn) + expected[0] / Math.sqrt(squares)
  let corrected = 1
  if (n > 5) {
    const second = polynomial([0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633], rsn)
    result[1] = second + expected[1] / Math.sqrt(squares)
    corrected = 2
  }
  let rest = squares
  let left = 1
  for (let i = 0; i < corrected; i++) {
    rest -= 2 * expected[i] ** 2
    left -= 2 * result[i] ** 2
  }
  const scale = Math.sqrt(rest / left)
  for (let i = corrected; i < half; i++) result[i] = expected[i] / scale
  return result
}

function statistic(sorted: Float64Array, a: Float64Array): number {
  const n = sorted.length
  // Dividing by the range first: errors of 1e-9 squared and summed would lose digits.
  const range = sorted[n - 1] - sorted[0]
  let mean = 0
  for (const value of sorted) mean += (value - sorted[0]) / range / n
  let squares = 0
  for (const value of sorted) squares += ((value - sorted[0]) / range - mean) ** 2
  let aligned = 0
  for (let i = 0; i < a.length; i++) aligned += (a[i] * (sorted[n - 1 - i] - sorted[i])) / range
  return Math.min(1, (aligned * aligned) / squares)
}

function probability(w: number, n: number): number {
  if (w === 1) return 1
  if (n === 3) return Math.max(0, (6 / Math.PI) * (Math.asin(Math.sqrt(w)) - Math.asin(Math.sqrt(0.75))))
  let y = Math.log1p(-w)
  let mean: number
  let std: number
  if (n <= 11) {
    const gamma = 0.459 * n - 2.273
    if (y >= gamma) return 0
    y = -Math.log(gamma - y)
    mean = polynomial([0.544, -0.39978, 0.025054, -6.714e-4], n)
    std = Math.exp(polynomial([1.3822, -0.77857, 0.062767, -0.0020322], n))
  } else {
    mean = polynomial([-1.5861, -0.31082, -0.083751, 0.0038915], Math.log(n))
    std = Math.exp(polynomial([-0.4803, -0.082676, 0.0030302], Math.log(n)))
  }
  return normalUpperTail((y - mean) / std)
}

/** coefficients[0] + coefficients[1]·x + coefficients[2]·x² + … */
function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0)
}
