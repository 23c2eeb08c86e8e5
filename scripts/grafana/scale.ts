/** One step of a scale: from this value on (null: from the bottom) things have this colour. */
interface Step {
  readonly value: number | null
  readonly color: string
}

/** Readable on Grafana's dark and light themes, and by eyes that do not tell red from green. */
export const COLORS = {
  neutral: '#848e99',
  faint: '#cbb26b',
  amber: '#e3a336',
  red: '#e5564b',
  threshold: '#9ca7b3',
  action: '#8250df',
} as const

/** The scale of levels, in units of the alarm threshold, that the whole product has. */
export const LEVEL_STEPS: readonly Step[] = [
  { value: null, color: COLORS.neutral },
  { value: 0.5, color: COLORS.faint },
  { value: 1, color: COLORS.amber },
  { value: 2, color: COLORS.red },
]

/** Nothing to see below `amber`; with `red`, a second step. */
export function steps(amber: number, red?: number): readonly Step[] {
  const first = { value: null, color: COLORS.neutral }
  const second = { value: amber, color: COLORS.amber }
  return red === undefined ? [first, second] : [first, second, { value: red, color: COLORS.red }]
}

/** Red from this value on. */
export function alarm(from: number): readonly Step[] {
  return [
    { value: null, color: COLORS.neutral },
    { value: from, color: COLORS.red },
  ]
}

/** Red below this value. */
export function below(from: number): readonly Step[] {
  return [
    { value: null, color: COLORS.red },
    { value: from, color: COLORS.neutral },
  ]
}

/** No colour at all. */
export const PLAIN: readonly Step[] = [{ value: null, color: COLORS.neutral }]

export type Steps = readonly Step[]
