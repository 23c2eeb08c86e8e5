/** Where each line begins, from the first; and where the last one ends. px */
export function offsetsOf(heights: readonly number[]): readonly number[] {
  const offsets = [0]
  for (const height of heights) offsets.push(offsets[offsets.length - 1] + height)
  return offsets
}

/**
 * The lines that lie in a part of the page, the ends included.
 *
 * @param offsets ascending, of one line at least; `from`, `to` in the same px
 * @returns the first of them, and the one after the last
 */
export function linesWithin(offsets: readonly number[], from: number, to: number): readonly [number, number] {
  const lines = offsets.length - 1
  const first = Math.min(Math.max(firstAbove(offsets, from) - 1, 0), lines)
  const end = Math.min(Math.max(firstAbove(offsets, to), first), lines)
  return [first, end]
}

/** Index of the first offset that is greater than `at`. */
function firstAbove(offsets: readonly number[], at: number): number {
  let low = 0
  let high = offsets.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (offsets[middle] > at) high = middle
    else low = middle + 1
  }
  return low
}
