import { probit } from 'simple-statistics'

/**
 * How many of its own standard deviations a reading must lie from the mean of the `count` readings before it, so that
 * Gaussian readings do so with probability `p` (both sides together).
 *
 * The distance of a new reading follows Student's t with count − 1 degrees of freedom, widened by √(1 + 1/count): with
 * five readings a far larger distance is ordinary than with thirty. The quantile is Hill's expansion of t in the normal
 * quantile. Source: G. W. Hill, "Algorithm 396: Student's t-quantiles", CACM 13 (1970).
 *
 * @param p probability, 0 < p ≤ 1
 * @param count readings before, ≥ 2
 * @returns standard deviations, > 0
 */
export function predictionQuantile(p: number, count: number): number {
  return studentQuantile(p, count - 1) * Math.sqrt(1 + 1 / count)
}

/** Two-sided quantile of Student's t: P(|T| > result) = p. */
export function studentQuantile(p: number, degrees: number): number {
  if (degrees === 1) return 1 / Math.tan((p * Math.PI) / 2)
  if (degrees === 2) return Math.sqrt(2 / (p * (2 - p)) - 2)
  const a = 1 / (degrees - 0.5)
  const b = 48 / a / a
  let c = (((20700 * a) / b - 98) * a - 16) * a + 96.36
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * degrees
  let y = (d * p) ** (2 / degrees)
  if (y > 0.05 + a) {
    const x = probit(p / 2)
    y = x * x
    if (degrees < 5) c += 0.3 * (degrees - 4.5) * (x + 0.6)
    c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
    y = Math.expm1(a * y * y)
  } else {
    y =
      ((1 / (((degrees + 6) / (degrees * y) - 0.089 * d - 0.822) * (degrees + 2) * 3) + 0.5 / (degrees + 4)) * y - 1) *
        ((degrees + 1) / (degrees + 2)) +
      1 / y
  }
  return Math.sqrt(degrees * y)
}
