/** The series that a recording rule writes of a feature: one for each target, with the labels `instance` and `job`. */
export function recordedSeries(feature: string): string {
  return `homeostat:${feature}`
}

/** Of each target the time of its newest sample, in seconds: that of the recorded series is when the rule was evaluated. */
export const RECORDED_HEARTBEAT = 'homeostat:heartbeat'
