import type { Segment } from './dataset.ts'

/**
 * Share of a segment's n true root-cause columns among the first n that the detector names, at the segment's highest
 * score; mean over the segments that have root causes.
 *
 * @param topFeatures of a row: column indices, strongest first
 * @returns 0–1; NaN when no segment has root causes
 */
export function hit100(
  scores: ArrayLike<number>,
  segments: readonly Segment[],
  causes: readonly (readonly number[])[],
  topFeatures: (row: number) => ArrayLike<number>,
): number {
  const shares: number[] = []
  for (const [index, segment] of segments.entries()) {
    const truth = new Set(causes[index])
    if (truth.size === 0) continue
    const named = Array.from(topFeatures(highestRow(scores, segment))).slice(0, truth.size)
    shares.push(named.filter((column) => truth.has(column)).length / truth.size)
  }
  return shares.reduce((sum, share) => sum + share, 0) / shares.length
}

/** The first of the rows with the segment's highest score. */
export function highestRow(scores: ArrayLike<number>, [start, end]: Segment): number {
  let highest = start
  for (let row = start + 1; row <= end; row++) if (scores[row] > scores[highest]) highest = row
  return highest
}
