import { createThinnedMedian, type ThinnedMedian } from './thinned-median.ts'

/** What is counted while a data set is written. */
export interface DatasetTally {
  readonly rows: number
  readonly targets: number
  /** @param row features after forward filling @param read base features as they were read */
  add(target: string, row: Float64Array, read: Float64Array): void
  /** Counts readings without a new sample. */
  dropped(rows: number): void
  /** A row without gaps: the target's median stands in, NaN where there never was a value. After all rows were added. */
  filled(target: string, row: Float64Array): Float64Array
  /** Features in [0, 1] of the target's own range; 0 where a feature never moved. */
  scaled(target: string, row: Float64Array): Float64Array
  /** As it stands in the cleaning report. */
  report(): object
}

interface Range {
  readonly medians: readonly ThinnedMedian[]
  readonly low: Float64Array
  readonly high: Float64Array
  readonly missing: Float64Array
  rows: number
}

/** @param base how many of the names, from the first on, are read and not computed */
export function createDatasetTally(names: readonly string[], base: number): DatasetTally {
  const width = names.length
  const ranges = new Map<string, Range>()
  const carried = new Float64Array(width)
  let rows = 0
  let droppedRows = 0

  function rangeOf(target: string): Range {
    const known = ranges.get(target)
    if (known !== undefined) return known
    const low = new Float64Array(width).fill(Number.POSITIVE_INFINITY)
    const medians = names.map(() => createThinnedMedian())
    const range = { low, high: low.map((value) => -value), medians, missing: new Float64Array(width), rows: 0 }
    ranges.set(target, range)
    return range
  }

  return {
    get rows() {
      return rows
    },
    get targets() {
      return ranges.size
    },
    add(target, row, read) {
      const range = rangeOf(target)
      rows++
      range.rows++
      for (let f = 0; f < width; f++) {
        if (Number.isNaN(row[f])) {
          range.missing[f]++
          continue
        }
        if (f < base && !Number.isFinite(read[f])) carried[f]++
        range.medians[f].add(row[f])
        range.low[f] = Math.min(range.low[f], row[f])
        range.high[f] = Math.max(range.high[f], row[f])
      }
    },
    dropped(count) {
      droppedRows += count
    },
    filled(target, row) {
      const { medians } = rangeOf(target)
      return row.map((value, f) => (Number.isNaN(value) ? medians[f].median() : value))
    },
    scaled(target, row) {
      const { low, high } = rangeOf(target)
      return row.map((value, f) => (high[f] > low[f] ? (value - low[f]) / (high[f] - low[f]) : value - low[f]))
    },
    report() {
      const sum = (counts: Float64Array) => counts.reduce((total, count) => total + count, 0)
      // Where a target never had a feature there is no median to stand in.
      const gaps = (f: number, known: boolean) =>
        [...ranges.values()].reduce(
          (total, range) => total + (range.low[f] < Infinity === known ? range.missing[f] : 0),
          0,
        )
      const median = Float64Array.from(names, (_, f) => gaps(f, true))
      const never = Float64Array.from(names, (_, f) => gaps(f, false))
      const bound = (value: number) => (Number.isFinite(value) ? value : null)
      return {
        rows,
        forward_filled: sum(carried),
        median_filled: sum(median),
        left_empty: sum(never),
        dropped_rows: droppedRows,
        features: Object.fromEntries(
          names.map((name, f) => [
            name,
            { forward_filled: carried[f], median_filled: median[f], left_empty: never[f] },
          ]),
        ),
        targets: Object.fromEntries(
          [...ranges].map(([target, range]) => [
            target,
            {
              rows: range.rows,
              minimum: Object.fromEntries(names.map((name, f) => [name, bound(range.low[f])])),
              maximum: Object.fromEntries(names.map((name, f) => [name, bound(range.high[f])])),
            },
          ]),
        ),
      }
    },
  }
}
