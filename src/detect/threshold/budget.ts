import { createSketch, lowerEdge, putScore, remembered, type Sketch } from './sketch.ts'

const MINUTE = 60_000
const DAY = 1440 * MINUTE

/** Every constant of the rule. */
export interface BudgetOptions {
  /** False alarms that a person will put up with, events per target and day, > 0. */
  readonly alarmsPerDay: number
  /** Largest share of the remembered time that may lie above the threshold, 0–1. */
  readonly maxAlarmTime: number
  /** How long scores are remembered. */
  readonly memoryMs: number
  /** How often the threshold is worked out again, once a day of scores is known. */
  readonly recomputeMs: number
  /** Resolution of the memory. At least the interval between two scores, or the time between them would not count. */
  readonly blockMs: number
  /** With no history at all the threshold is the highest score seen times 1 + this; the addend shrinks to 0 in a day. */
  readonly youngMargin: number
  /** Smallest threshold, > 0, so that a level stays a number where every score is 0. */
  readonly least: number
}

export const BUDGET_DEFAULTS: BudgetOptions = {
  alarmsPerDay: 1,
  maxAlarmTime: 0.02,
  memoryMs: 14 * DAY,
  recomputeMs: 6 * 60 * MINUTE,
  blockMs: 10 * MINUTE,
  youngMargin: 1,
  least: 1e-9,
}

/** Alarms planned for each one allowed: some of them are real incidents. Measured, see docs/detection.md. */
const PLANNED = 1.3
/** Blocks in alarm for each share of time in alarm: an alarm mostly fills its blocks only in part. */
const BLOCKS_PER_TIME = 3
/** Alarms with up to so many quiet blocks less one between them are one event. */
const GAP_BLOCKS = 2
/** The last day alone may have so many times the alarms: a change of the times shows there first. */
const SHORT_MS = DAY
const SHORT_FACTOR = 3

/** State of one target: 4,032 bytes of codes and a few numbers. Plain data, to be kept as it is. */
export interface Budget {
  /** Shared by all targets of one configuration. */
  readonly options: BudgetOptions
  /** Moved by feedback, see `budgetAfterFeedback`. */
  alarmsPerDay: number
  readonly sketch: Sketch
  /** In force; Infinity before the first score. */
  inForce: number
  /** When it is due to be worked out again, ms since the epoch. */
  dueAt: number
  /** Share of the interval until the next computation; 1 after the first. */
  phase: number
}

/**
 * A threshold from a false-alarm budget, without labels: the lowest value for which it and every higher one would have
 * kept within `alarmsPerDay` and `maxAlarmTime`, over all remembered scores and, with three times the alarms, over those
 * of the last day. An alarm is a score at or above the threshold.
 *
 * Time without scores is neither alarm nor history. A lasting level shift is in alarm until the next computation finds
 * that it broke the last day's budget; then it is the new normal.
 *
 * @param phase 0–1, another for each target: how much of the first interval to wait, so that a fleet that starts together
 *   is not due together
 * @throws {RangeError} for options outside their range
 */
export function createBudget(options: Partial<BudgetOptions> = {}, phase = 1): Budget {
  const complete = { ...BUDGET_DEFAULTS, ...options }
  const { alarmsPerDay, maxAlarmTime, memoryMs, blockMs, least } = complete
  if (!(alarmsPerDay > 0)) throw new RangeError(`alarms per day must be above 0, got ${alarmsPerDay}`)
  if (!(maxAlarmTime >= 0 && maxAlarmTime <= 1)) throw new RangeError(`alarm time is a share 0–1, got ${maxAlarmTime}`)
  if (!(least > 0)) throw new RangeError(`the smallest threshold must be above 0, got ${least}`)
  return {
    options: complete,
    alarmsPerDay,
    sketch: createSketch(memoryMs, blockMs),
    inForce: Number.POSITIVE_INFINITY,
    dueAt: Number.NEGATIVE_INFINITY,
    phase,
  }
}

/** Remembers the scores of the training rows, oldest first; the threshold is worked out when next asked for. */
export function seed(budget: Budget, times: ArrayLike<number>, scores: ArrayLike<number>): void {
  if (times.length !== scores.length) throw new RangeError(`${times.length} times for ${scores.length} scores`)
  for (let i = 0; i < scores.length; i++) observe(budget, times[i], scores[i])
  budget.dueAt = Number.NEGATIVE_INFINITY
}

/**
 * Remembers one score. To stay causal ask for the threshold of a reading first, then remember its score.
 *
 * @param at ms since the epoch, usually ascending; scores older than the memory are forgotten at once
 * @param score ≥ 0; NaN (no score) is left out, infinite ones count as the largest number
 */
export function observe(budget: Budget, at: number, score: number): void {
  if (!Number.isNaN(score)) putScore(budget.sketch, at, Math.min(score, Number.MAX_VALUE))
}

/**
 * The threshold in force at a time, worked out again when that is due: every `recomputeMs`, and sooner while the history
 * is short, whenever it has grown by a quarter.
 *
 * @returns ≥ `least`; Infinity while no score is remembered, so that nothing is an alarm yet
 */
export function threshold(budget: Budget, at: number): number {
  if (at >= budget.dueAt) recompute(budget, at)
  return budget.inForce
}

/** Takes another budget, such as one moved by feedback, from the next reading on. */
export function setAlarmsPerDay(budget: Budget, alarmsPerDay: number): void {
  if (!(alarmsPerDay > 0)) throw new RangeError(`alarms per day must be above 0, got ${alarmsPerDay}`)
  budget.alarmsPerDay = alarmsPerDay
  budget.dueAt = Number.NEGATIVE_INFINITY
}

/** What a budget remembers, to be kept over a restart. */
export interface BudgetMemory {
  readonly codes: Uint16Array
  /** Newest block, threshold in force, when it is due again (ms since the epoch). */
  readonly numbers: Float64Array
}

export function exportBudget({ sketch, inForce, dueAt }: Budget): BudgetMemory {
  return { codes: sketch.codes.slice(), numbers: Float64Array.of(sketch.newest, inForce, dueAt) }
}

/** Goes on from what was kept; a memory of another length is left alone, as the options have changed since. */
export function importBudget(budget: Budget, { codes, numbers }: BudgetMemory): void {
  if (codes.length !== budget.sketch.codes.length) return
  budget.sketch.codes.set(codes)
  ;[budget.sketch.newest, budget.inForce, budget.dueAt] = numbers
}

function recompute(budget: Budget, at: number): void {
  const { options, sketch, alarmsPerDay } = budget
  const long = remembered(sketch, sketch.codes.length)
  if (long.codes.length === 0) return
  const knownMs = long.codes.length * options.blockMs
  budget.dueAt = at + budget.phase * Math.min(options.recomputeMs, Math.max(options.blockMs, knownMs / 4))
  budget.phase = 1
  const short = remembered(sketch, Math.ceil(SHORT_MS / options.blockMs))
  const code = Math.max(
    lowestWithin(long, PLANNED * alarmsPerDay, options),
    lowestWithin(short, PLANNED * SHORT_FACTOR * alarmsPerDay, options),
  )
  const margin = 1 + options.youngMargin * Math.max(0, 1 - knownMs / DAY)
  budget.inForce = Math.max(options.least, margin * lowerEdge(code))
}

/** The lowest code at which alarms keep the budget, coming down from the top until it is broken. */
function lowestWithin(
  { codes, at }: { codes: Uint16Array; at: Int32Array },
  alarmsPerDay: number,
  { blockMs, maxAlarmTime }: BudgetOptions,
): number {
  const mostEvents = (alarmsPerDay * codes.length * blockMs) / DAY
  const mostBlocks = BLOCKS_PER_TIME * maxAlarmTime * codes.length
  const sorted = codes.slice().sort()
  let lowest = (sorted.at(-1) ?? 0) + 1
  for (let i = sorted.length - 1; i >= 0 && sorted.length - i <= mostBlocks; i--) {
    if (i > 0 && sorted[i - 1] === sorted[i]) continue
    if (eventsFrom(codes, at, sorted[i]) > mostEvents) break
    lowest = sorted[i]
  }
  return lowest
}

/** Alarm events if every block of this code or a higher one were in alarm. */
function eventsFrom(codes: Uint16Array, at: Int32Array, code: number): number {
  let events = 0
  let last = Number.NEGATIVE_INFINITY
  for (let i = 0; i < codes.length; i++) {
    if (codes[i] < code) continue
    if (at[i] - last > GAP_BLOCKS) events++
    last = at[i]
  }
  return events
}
