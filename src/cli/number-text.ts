/** Digits of a printed score: enough to rank by it. */
const DIGITS = 9

/** A score for a CSV cell: rounded, empty where there is none, `inf` where a threshold of 0 was passed. */
export function scoreCell(value: number): number | string {
  if (value === Number.POSITIVE_INFINITY) return 'inf'
  return Number.isNaN(value) ? '' : Number(value.toPrecision(DIGITS))
}
