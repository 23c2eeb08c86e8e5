import type { Contribution, Exhaustion } from '../../domain/verdict.ts'

/** A resource that is all but used up counts for so many thresholds. */
const GREATEST_URGENCY = 10

/**
 * How pressing a forecast is, in units of the alarm threshold: horizon ÷ seconds left, at most 10. Exactly 1 at the
 * horizon, 10 from a tenth of it on.
 */
export function urgencyOf({ seconds }: Exhaustion, horizonMs: number): number {
  const horizon = horizonMs / 1000
  return horizon / Math.max(seconds, horizon / GREATEST_URGENCY)
}

/**
 * The level that a target has when its most pressing forecast is taken into account: the larger of the two.
 *
 * @param level of the detectors; NaN before the first is ready: then only a forecast within the horizon gives a level
 * @param urgency of the most pressing forecast; 0 without any
 */
export function raisedLevel(level: number, urgency: number): number {
  if (Number.isNaN(level)) return urgency >= 1 ? urgency : Number.NaN
  return Math.max(level, urgency)
}

/**
 * Gives each resource with a forecast the part that it has in the raised level. Detectors and forecasts count by their
 * levels, so that a resource that raises the level stands first.
 *
 * @param contributions what the features have to do with `level`; shares add up to 1 or are all 0
 * @param level of the detectors; NaN before the first is ready
 * @param urgencies by resource, each > 0
 * @returns the same features, strongest first; shares add up to 1
 */
export function withUrgencies(
  contributions: readonly Contribution[],
  level: number,
  urgencies: ReadonlyMap<string, number>,
): readonly Contribution[] {
  if (urgencies.size === 0 || level === Number.POSITIVE_INFINITY) return contributions
  const detected = level > 0 && contributions.some(({ share }) => share > 0) ? level : 0
  const total = [...urgencies.values()].reduce((sum, urgency) => sum + urgency, detected)
  return contributions
    .map((each) => ({
      ...each,
      share: (detected * each.share + (urgencies.get(each.feature) ?? 0)) / total,
    }))
    .sort((a, b) => b.share - a.share)
}
