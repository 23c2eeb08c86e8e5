import { enlarged } from './arrays.ts'

const MINUTE = 60_000

/** How far back the model looks at one reading. */
const LAG_MS = 15 * MINUTE
/** Readings kept for the lag lie at least so far apart, so that memory does not depend on the interval. */
const SPACING_MS = MINUTE
const KEPT = 16
/** Half-lives of the moving averages: the last hour, the last hours, the last day. */
const HALF_LIVES_MS = [60 * MINUTE, 240 * MINUTE, 1440 * MINUTE] as const
/** Clocks of readings wobble; a reading that is this much too young for the lag still serves. */
const TOLERANCE_MS = 1_000

/** A past that ended longer ago says little of now; a reading after such a gap begins a new one. */
const GAP_MS = 120 * MINUTE

/** Moving averages by what they are used for. */
export const HOUR = 0
export const HOURS = 1
export const DAY = 2

/**
 * What every target was like lately: a reading of a quarter of an hour ago, and moving averages over an hour, four
 * hours and a day. All in deviations, by slot. Time comes with the readings, so any interval will do.
 */
export class RecentPast {
  readonly width: number
  private averages = HALF_LIVES_MS.map(() => new Float32Array(0))
  private kept = new Float32Array(0)
  private keptAt = new Float64Array(0)
  private heads = new Uint8Array(0)
  private lastAt = new Float64Array(0)

  constructor(width: number) {
    this.width = width
  }

  grow(slots: number): void {
    this.averages = this.averages.map((average) => enlarged(average, slots * this.width))
    this.kept = enlarged(this.kept, slots * KEPT * this.width)
    this.keptAt = enlarged(this.keptAt, slots * KEPT, Number.NaN)
    this.heads = enlarged(this.heads, slots)
    this.lastAt = enlarged(this.lastAt, slots, Number.NaN)
  }

  clear(slot: number): void {
    this.lastAt[slot] = Number.NaN
    this.heads[slot] = 0
    this.keptAt.fill(Number.NaN, slot * KEPT, (slot + 1) * KEPT)
  }

  /** Whether the slot has a past that a reading at `at` can be compared with. */
  has(slot: number, at: number): boolean {
    return at - this.lastAt[slot] <= GAP_MS
  }

  /** The moving average before the newest reading; a view of `width` numbers. @param which HOUR, HOURS or DAY */
  average(slot: number, which: number): Float32Array {
    return this.averages[which].subarray(slot * this.width, (slot + 1) * this.width)
  }

  /** The newest reading that is a quarter of an hour old at `at`, the oldest there is while none is; a view. */
  lagged(slot: number, at: number): Float32Array {
    let best = -1
    let oldest = -1
    for (let i = slot * KEPT; i < (slot + 1) * KEPT; i++) {
      const time = this.keptAt[i]
      if (Number.isNaN(time)) continue
      if (oldest < 0 || time < this.keptAt[oldest]) oldest = i
      if (time <= at - LAG_MS + TOLERANCE_MS && (best < 0 || time > this.keptAt[best])) best = i
    }
    const index = best < 0 ? oldest : best
    return this.kept.subarray(index * this.width, (index + 1) * this.width)
  }

  /** Takes a reading in; the first one of a slot becomes all of its past. */
  advance(slot: number, at: number, reading: Float32Array, offset: number): void {
    const { width } = this
    const elapsed = Math.max(0, at - this.lastAt[slot])
    // Readings from after `at`, left by a clock that was set back, would stay the newest until it gets there again.
    if (elapsed > GAP_MS || at < this.lastAt[slot]) this.keptAt.fill(Number.NaN, slot * KEPT, (slot + 1) * KEPT)
    for (const [which, average] of this.averages.entries()) {
      const gain = Number.isNaN(elapsed) ? 1 : 1 - 2 ** (-elapsed / HALF_LIVES_MS[which])
      const from = slot * width
      for (let f = 0; f < width; f++) average[from + f] += gain * (reading[offset + f] - average[from + f])
    }
    this.lastAt[slot] = at
    this.keep(slot, at, reading, offset)
  }

  private keep(slot: number, at: number, reading: Float32Array, offset: number): void {
    const newest = slot * KEPT + ((this.heads[slot] + KEPT - 1) % KEPT)
    if (at - this.keptAt[newest] < SPACING_MS - TOLERANCE_MS) return
    const index = slot * KEPT + this.heads[slot]
    this.keptAt[index] = at
    this.kept.set(reading.subarray(offset, offset + this.width), index * this.width)
    this.heads[slot] = (this.heads[slot] + 1) % KEPT
  }

  /** Everything known of a slot, to be kept with a model or over a restart. */
  export(slot: number): RecentPastState {
    const { width } = this
    return {
      averages: Float32Array.from(
        this.averages.flatMap((average) => [...average.subarray(slot * width, (slot + 1) * width)]),
      ),
      kept: this.kept.slice(slot * KEPT * width, (slot + 1) * KEPT * width),
      times: Float64Array.of(
        ...this.keptAt.subarray(slot * KEPT, (slot + 1) * KEPT),
        this.heads[slot],
        this.lastAt[slot],
      ),
    }
  }

  /** @param state as exported, of the same width */
  import(slot: number, state: RecentPastState): void {
    const { width } = this
    for (const [which, average] of this.averages.entries()) {
      average.set(state.averages.subarray(which * width, (which + 1) * width), slot * width)
    }
    this.kept.set(state.kept, slot * KEPT * width)
    this.keptAt.set(state.times.subarray(0, KEPT), slot * KEPT)
    this.heads[slot] = state.times[KEPT]
    this.lastAt[slot] = state.times[KEPT + 1]
  }
}

export interface RecentPastState {
  readonly averages: Float32Array
  readonly kept: Float32Array
  readonly times: Float64Array
}
