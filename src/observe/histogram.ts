/** Rates of the buckets of classic histograms, by series: labels as `SeriesStore` writes them, and the rate. */
interface Buckets {
  readonly signatures: readonly string[]
  readonly values: readonly number[]
}

/**
 * A quantile over all buckets of equal bound together, as PromQL's `histogram_quantile` of their sum by `le`: straight
 * lines between the bounds.
 *
 * Source: `BucketQuantile` in prometheus/promql/quantile.go.
 *
 * @param quantile 0–1
 * @returns NaN without observations, or without a bucket that holds all of them
 */
export function bucketQuantile(quantile: number, { signatures, values }: Buckets): number {
  const sums = new Map<number, number>()
  for (const [i, signature] of signatures.entries()) {
    const bound = boundOf(signature)
    if (!Number.isNaN(bound)) sums.set(bound, (sums.get(bound) ?? 0) + values[i])
  }
  const bounds = [...sums.keys()].sort((a, b) => a - b)
  if (bounds.length < 2 || bounds[bounds.length - 1] !== Number.POSITIVE_INFINITY) return Number.NaN
  // Buckets scraped at different moments may contradict each other.
  let most = 0
  const counts = bounds.map((bound) => {
    most = Math.max(most, sums.get(bound)!)
    return most
  })
  if (!(most > 0)) return Number.NaN
  const rank = quantile * most
  const i = counts.findIndex((count) => count >= rank)
  if (i === bounds.length - 1) return bounds[i - 1]
  if (i === 0 && bounds[0] <= 0) return bounds[0]
  const [from, before] = i === 0 ? [0, 0] : [bounds[i - 1], counts[i - 1]]
  return from + (bounds[i] - from) * ((rank - before) / (counts[i] - before))
}

/** The upper bound of a bucket; NaN for a series that is none. */
function boundOf(signature: string): number {
  const text = /\["le","([^"\\]*)"\]/.exec(signature)?.[1]
  if (text === undefined || text === '') return Number.NaN
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text)
}
