/** The series that a recording rule writes of a feature: one for each target, with the labels `instance` and `job`. */
export function recordedSeries(feature: string): string {
  return `homeostat:${feature}`
}

/** Window of rates in the rules: four scrapes at 15 s. */
export const RECORDED_WINDOW_MS = 60_000

/** Of each target the time of its newest sample, in seconds: that of the recorded series is when the rule was evaluated. */
export const RECORDED_HEARTBEAT = 'homeostat:heartbeat'
