import type { Points } from './blocks.ts'

/** Two neighbouring increments that make up more of the rise than this are a step. */
const STEP_SHARE = 0.6
/** The newest third of the points must keep at least this share of the pace. */
const PACE_KEPT = 0.4

/**
 * Whether the points rise all along: a step (one big file, one large query) also has a positive slope by rank, and so has
 * a rise that is over, but neither will go on.
 *
 * @param points at least 6, at increasing times
 * @param slope of the line through them, per second, > 0
 */
export function isSteady(points: Points, slope: number): boolean {
  return !hasStep(points, slope) && keepsPace(points, slope)
}

/** Two increments, not one: a step in the middle of a block shows in that block's mean and in the next. */
function hasStep({ count, at, value }: Points, slope: number): boolean {
  const rise = (slope * (at[count - 1] - at[0])) / 1000
  for (let i = 2; i < count; i++) if (value[i] - value[i - 2] > STEP_SHARE * rise) return true
  return false
}

function keepsPace({ count, at, value }: Points, slope: number): boolean {
  const from = count - 1 - Math.max(2, Math.floor(count / 3))
  return value[count - 1] - value[from] >= (PACE_KEPT * slope * (at[count - 1] - at[from])) / 1000
}
