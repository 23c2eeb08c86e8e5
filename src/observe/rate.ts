/**
 * Increase of a counter over the window `(at - windowMs, at]`, as Prometheus' `increase()` estimates it: the rise
 * from the first to the last sample inside, resets added back, extrapolated to the window's edges when the samples
 * reach near them (within 1.1 sample distances), by half a distance otherwise, and never below a counter of zero.
 *
 * Source: `extrapolatedRate` in prometheus/promql/functions.go.
 *
 * @param times ms since the epoch, ascending
 * @param values the counter, one per time
 * @returns NaN when fewer than two samples lie in the window
 */
export function increase(times: readonly number[], values: readonly number[], at: number, windowMs: number): number {
  const first = times.findIndex((time) => time > at - windowMs)
  const last = lastUpTo(times, at)
  if (first < 0 || last <= first) return Number.NaN

  const rise = riseOf(values, first, last)
  const covered = times[last] - times[first]
  if (covered <= 0) return Number.NaN
  const distance = covered / (last - first)
  const reach = distance * 1.1
  let toStart = times[first] - (at - windowMs)
  let toEnd = at - times[last]
  if (toStart >= reach) toStart = distance / 2
  if (toEnd >= reach) toEnd = distance / 2
  if (rise > 0 && values[first] >= 0) toStart = Math.min(toStart, covered * (values[first] / rise))
  return (rise * (covered + toStart + toEnd)) / covered
}

function riseOf(values: readonly number[], first: number, last: number): number {
  let rise = values[last] - values[first]
  for (let i = first + 1; i <= last; i++) if (values[i] < values[i - 1]) rise += values[i - 1]
  return rise
}

function lastUpTo(times: readonly number[], at: number): number {
  let last = times.length - 1
  while (last >= 0 && times[last] > at) last--
  return last
}
