import { RESOLUTION } from '../../domain/feature.ts'

/**
 * The smallest change of a pushed metric that can mean anything. Nobody says what it counts, but its name may: names
 * end as is usual under Prometheus.
 *
 * @returns the change, in the metric's own unit, ≥ 0; it is told the mean of the metric until now
 */
export function pushedResolution(name: string): (mean: number) => number {
  const absolute = ABSOLUTE.find(([pattern]) => pattern.test(name))?.[1]
  if (absolute !== undefined) return (mean) => Math.max(absolute, RELATIVE * Math.abs(mean))
  return (mean) => {
    const relative = RELATIVE * Math.abs(mean)
    // What was 0 until now may count something.
    return relative > 0 ? relative : RESOLUTION.count
  }
}

/** A wobble of this share of the mean is never told from rest. */
const RELATIVE = 0.03

const ABSOLUTE: readonly (readonly [RegExp, number])[] = [
  [/_(percent|pct)$/, RESOLUTION.percent],
  [/_ratio$/, RESOLUTION.ratio],
  [/_bytes$/, RESOLUTION.bytes],
  [/_bytes_per_second$/, RESOLUTION.bytes_per_second],
  [/_(ms|milliseconds)$/, 1000 * RESOLUTION.seconds],
  [/_seconds$/, RESOLUTION.seconds],
  // One restart may be planned, two in a row are none.
  [/(^|_)restarts?(_total)?$/, 0.3],
]
