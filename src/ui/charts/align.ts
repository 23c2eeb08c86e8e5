import type { Line } from './plot-types.ts'
import { withHoles } from './spans.ts'

/** Times in seconds and, for each line, a value at each of them, as uPlot takes them. */
export type Columns = [number[], ...(number | null | undefined)[][]]

/**
 * Lines on one set of times. A line has no point at the times of others, which is not a hole in it (undefined), but
 * where nothing is known there is one (null).
 */
export function align(lines: readonly Line[], stepMs: number): Columns {
  const all = lines.map(({ samples }) => withHoles(samples, stepMs))
  const times = [...new Set(all.flatMap((samples) => samples.map(({ at }) => at)))].sort((a, b) => a - b)
  const columns = all.map((samples) => {
    const values = new Map(samples.map(({ at, value }) => [at, value]))
    return times.map((at) => values.get(at))
  })
  return [times.map((at) => at / 1000), ...columns]
}

/**
 * Readings with nothing known on either side: no line goes through them, so they are drawn as points.
 *
 * @returns their places
 */
export function isolated(column: readonly (number | null | undefined)[]): number[] {
  const own = column.flatMap((value, i) => (value === undefined ? [] : [{ value, i }]))
  const isKnown = (at: number) => typeof own[at]?.value === 'number'
  return own.flatMap(({ i }, at) => (isKnown(at) && !isKnown(at - 1) && !isKnown(at + 1) ? [i] : []))
}

/** What moves less than this part of itself is drawn as nearly flat, so that noise does not look like an event. */
const FLAT = 0.1

/**
 * Ends of the scale of values: all of the data with a little air, and the threshold within.
 *
 * @param low, high of the data; null where there are none
 */
export function scaleOf(low: number | null, high: number | null, threshold?: number): [number, number] {
  const values = [low, high, threshold].filter((value): value is number => Number.isFinite(value ?? Number.NaN))
  if (values.length === 0) return [0, 1]
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const start = threshold === undefined ? least : Math.min(0, least)
  const flat = Math.max(Math.abs(most), Math.abs(start)) * FLAT
  const air = most === start ? Math.max(flat, 0.5) : Math.max((most - start) * 0.1, (flat - (most - start)) / 2)
  // What cannot be negative is not shown as if it could.
  return [start >= 0 ? Math.max(0, start - (start === 0 ? 0 : air)) : start - air, most + air]
}
