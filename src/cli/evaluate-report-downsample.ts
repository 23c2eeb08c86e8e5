/** A point of a line: index into the original, and its value. */
export interface LinePoint {
  readonly index: number
  readonly value: number
}

/**
 * Thins a line to at most four points a bucket: first, lowest, highest and last, in their order, so that no peak is lost
 * and no slope is invented. A NaN ends a run; the next number begins another.
 *
 * @param buckets about the width of the picture in pixels, ≥ 1
 * @returns runs without gaps, in order
 */
export function downsample(values: ArrayLike<number>, buckets: number): LinePoint[][] {
  const runs: LinePoint[][] = []
  const size = Math.max(1, values.length / buckets)
  let run: LinePoint[] | undefined
  for (let from = 0, bucket = 1; from < values.length; bucket++) {
    const to = Math.min(values.length, Math.max(from + 1, Math.round(bucket * size)))
    for (const part of numberRuns(values, from, to)) {
      if (run === undefined || part.start > from || Number.isNaN(values[from - 1])) {
        run = []
        runs.push(run)
      }
      run.push(...extremes(values, part.start, part.end))
      if (part.end < to) run = undefined
    }
    from = to
  }
  return runs.filter((points) => points.length > 0)
}

function* numberRuns(values: ArrayLike<number>, from: number, to: number): Generator<{ start: number; end: number }> {
  let start = from
  for (let i = from; i <= to; i++) {
    if (i < to && !Number.isNaN(values[i])) continue
    if (i > start) yield { start, end: i }
    start = i + 1
  }
}

function extremes(values: ArrayLike<number>, start: number, end: number): LinePoint[] {
  let lowest = start
  let highest = start
  for (let i = start; i < end; i++) {
    if (values[i] < values[lowest]) lowest = i
    if (values[i] > values[highest]) highest = i
  }
  const indices = [...new Set([start, lowest, highest, end - 1])].sort((a, b) => a - b)
  return indices.map((index) => ({ index, value: values[index] }))
}
