export interface FeedbackOptions {
  /** Factor on the budget after `useful: false`, 0–1. */
  readonly less: number
  /** Factor after `useful: true`, ≥ 1. */
  readonly more: number
  /** Alarms per day that feedback never goes below, and never above. */
  readonly fewest: number
  readonly most: number
}

/** Four useful alarms outweigh one that was not: false alarms are what makes people stop listening. */
export const FEEDBACK_DEFAULTS: FeedbackOptions = { less: 0.8, more: 1.06, fewest: 1 / 14, most: 4 }

/**
 * The false-alarm budget after a person said whether an incident was useful. The caller keeps the number.
 *
 * @param alarmsPerDay the budget so far, > 0
 * @returns within `fewest`–`most`, unless it was outside before: then it moves towards them at most
 */
export function budgetAfterFeedback(
  alarmsPerDay: number,
  useful: boolean,
  options: Partial<FeedbackOptions> = {},
): number {
  const { less, more, fewest, most } = { ...FEEDBACK_DEFAULTS, ...options }
  if (useful) return Math.max(alarmsPerDay, Math.min(alarmsPerDay * more, most))
  return Math.min(alarmsPerDay, Math.max(alarmsPerDay * less, fewest))
}
