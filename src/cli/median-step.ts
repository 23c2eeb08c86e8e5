/** Middle of the times between rows, the larger one of two; 0 without any. Rows that repeat a time do not count. */
export function medianStep(steps: readonly number[]): number {
  const sorted = Float64Array.from(steps.filter((step) => step > 0)).sort()
  return sorted.length === 0 ? 0 : sorted[Math.floor(sorted.length / 2)]
}
