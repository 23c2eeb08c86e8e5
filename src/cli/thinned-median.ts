/** The median of a stream in little memory: of evenly spaced values, of all of them while they are few. */
export interface ThinnedMedian {
  add(value: number): void
  /** The lower one of two middle values; NaN without any. */
  median(): number
}

/** Values that are kept at most. */
const KEPT = 1_000

export function createThinnedMedian(): ThinnedMedian {
  let kept: number[] = []
  let stride = 1
  let seen = 0
  return {
    add(value) {
      if (seen++ % stride !== 0) return
      kept.push(value)
      if (kept.length < KEPT) return
      kept = kept.filter((_, i) => i % 2 === 0)
      stride *= 2
    },
    median() {
      const sorted = Float64Array.from(kept).sort()
      return sorted.length === 0 ? Number.NaN : sorted[(sorted.length - 1) >> 1]
    },
  }
}
