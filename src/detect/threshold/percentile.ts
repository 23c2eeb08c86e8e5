import { sortedSample } from './sample.ts'

/**
 * A percentile of the errors, linear between the two nearest of them: position (n − 1)·p/100 of the sorted sample.
 * Source: R. J. Hyndman & Y. Fan, "Sample Quantiles in Statistical Packages", 1996, definition 7 (NumPy's default).
 *
 * @param percentile 0–100; A9 offers 95, 99 and 99.5
 * @throws {RangeError} for an empty sample, an error that is not finite, or a percentile outside 0–100
 */
export function percentileThreshold(errors: ArrayLike<number>, percentile: number): number {
  if (!(percentile >= 0 && percentile <= 100)) throw new RangeError(`a percentile lies in 0–100, got ${percentile}`)
  const sorted = sortedSample(errors, 1)
  const position = ((sorted.length - 1) * percentile) / 100
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}
