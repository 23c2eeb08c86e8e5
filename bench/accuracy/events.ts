import { descending } from './auc.ts'
import { labels, type Segment } from './dataset.ts'

/** Alarms nearer than this are one event, and an event this near to a segment is not false. */
const MERGE_MS = 10 * 60_000
const DAY_MS = 86_400_000
/** Budget of rec@1. */
const FALSE_EVENTS_PER_DAY = 1
const NORMAL_TIME_IN_ALARM = 0.02

export interface AlarmMeasures {
  /** Share of the segments with an alarm inside, 0–1. */
  readonly recall: number
  readonly falseAlarmsPerDay: number
  /** Share of the rows outside all segments that are in alarm, 0–1. */
  readonly normalTimeInAlarm: number
  /** By segment that was hit: from its first row to the first alarm inside, minutes. */
  readonly delaysMinutes: readonly number[]
}

/**
 * Judges alarms by events: alarms at most 10 minutes apart are one event, and an event is false when it touches no
 * segment widened by 10 minutes on both sides.
 *
 * @param alarms by row, 1 in alarm
 */
export function judgeAlarms(
  alarms: ArrayLike<number>,
  segments: readonly Segment[],
  intervalMs: number,
): AlarmMeasures {
  const rows = alarms.length
  const merge = Math.round(MERGE_MS / intervalMs)
  const events = alarmEvents(alarms, merge)
  const isFalse = ([first, last]: Segment) =>
    !segments.some(([start, end]) => first <= end + merge && last >= start - merge)
  const inside = labels(segments, rows)
  const normal = countWhere(rows, (row) => inside[row] === 0)
  const delays = segments.map((segment) => delayRows(alarms, segment)).filter((delay) => delay >= 0)
  return {
    recall: delays.length / segments.length,
    falseAlarmsPerDay: events.filter(isFalse).length / ((rows * intervalMs) / DAY_MS),
    normalTimeInAlarm: normal === 0 ? 0 : countWhere(rows, (row) => inside[row] === 0 && alarms[row] > 0) / normal,
    delaysMinutes: delays.map((delay) => (delay * intervalMs) / 60_000),
  }
}

/** First and last alarm of each event. */
export function alarmEvents(alarms: ArrayLike<number>, mergeRows: number): Segment[] {
  const events: [number, number][] = []
  for (let row = 0; row < alarms.length; row++) {
    if (!(alarms[row] > 0)) continue
    const open = events.at(-1)
    if (open !== undefined && row - open[1] <= mergeRows) open[1] = row
    else events.push([row, row])
  }
  return events
}

function delayRows(alarms: ArrayLike<number>, [start, end]: Segment): number {
  for (let row = start; row <= end; row++) if (alarms[row] > 0) return row - start
  return -1
}

function countWhere(rows: number, holds: (row: number) => boolean): number {
  let count = 0
  for (let row = 0; row < rows; row++) if (holds(row)) count++
  return count
}

/**
 * rec@1: the largest share of segments hit by any threshold that gives at most one false alarm event a day and at most
 * 2 % of the normal time in alarm; an alarm is a score at or above the threshold. Every distinct score is tried: rows
 * join the alarms from the highest score down, and events grow together as they do.
 *
 * @returns 0–1; 0 when no threshold keeps the budget
 */
export function recallAtBudget(scores: ArrayLike<number>, segments: readonly Segment[], intervalMs: number): number {
  const rows = scores.length
  const merge = Math.round(MERGE_MS / intervalMs)
  const inside = labels(segments, rows)
  const near = labels(
    segments.map(([start, end]) => [Math.max(0, start - merge), Math.min(rows - 1, end + merge)] as const),
    rows,
  )
  const owner = new Int32Array(rows).fill(-1)
  for (const [index, [start, end]] of segments.entries()) owner.fill(index, start, end + 1)
  const mostFalse = (FALSE_EVENTS_PER_DAY * rows * intervalMs) / DAY_MS
  const mostNormal = NORMAL_TIME_IN_ALARM * countWhere(rows, (row) => inside[row] === 0)
  const events = new GrowingEvents(near, merge)
  const hit = new Set<number>()
  let normal = 0
  let best = 0
  const order = descending(scores)
  for (let i = 0; i < rows && normal <= mostNormal; ) {
    const tie = scores[order[i]]
    for (; i < rows && scores[order[i]] === tie; i++) {
      events.add(order[i])
      if (inside[order[i]] === 1) hit.add(owner[order[i]])
      else normal++
    }
    if (normal <= mostNormal && events.falseCount <= mostFalse) best = Math.max(best, hit.size)
  }
  return best / segments.length
}

/** Events under alarms that only ever come to it: a forest of rows, merged by nearness. */
class GrowingEvents {
  falseCount = 0
  /** By row: its parent in the event's tree, −1 while not in alarm. */
  readonly #parent: Int32Array
  /** By root: 1 when a row of the event lies in or near a segment. A gap in an event is too short to jump over one. */
  readonly #touches: Uint8Array
  readonly #merge: number

  constructor(near: Uint8Array, merge: number) {
    this.#parent = new Int32Array(near.length).fill(-1)
    this.#touches = near.slice()
    this.#merge = merge
  }

  add(row: number): void {
    this.#parent[row] = row
    if (this.#touches[row] === 0) this.falseCount++
    for (const step of [-1, 1]) {
      const neighbour = this.#nearest(row, step)
      if (neighbour >= 0) this.#join(row, neighbour)
    }
  }

  #nearest(row: number, step: number): number {
    for (let distance = 1; distance <= this.#merge; distance++) {
      const other = row + step * distance
      if (other >= 0 && other < this.#parent.length && this.#parent[other] >= 0) return other
    }
    return -1
  }

  #join(a: number, b: number): void {
    const [one, other] = [this.#root(a), this.#root(b)]
    if (one === other) return
    if (this.#touches[one] === 0 || this.#touches[other] === 0) {
      // Two false events become one; a false and a true one become true: either way one false event less.
      this.falseCount--
    }
    this.#parent[other] = one
    this.#touches[one] |= this.#touches[other]
  }

  #root(row: number): number {
    let root = row
    while (this.#parent[root] !== root) {
      this.#parent[root] = this.#parent[this.#parent[root]]
      root = this.#parent[root]
    }
    return root
  }
}
