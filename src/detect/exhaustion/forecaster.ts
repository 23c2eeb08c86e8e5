import { BlockWindow, createPoints, type Points } from './blocks.ts'
import { isSteady } from './steadiness.ts'
import { fitTrend, type Trend } from './trend.ts'
import { Turnarounds } from './turnarounds.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The windows unless others are asked for; the longest forecasts up to 12 days ahead. */
export const WINDOWS_MS: readonly number[] = [6 * MINUTE, HOUR, 8 * HOUR, 4 * DAY]

export interface ExhaustionOptions {
  /** What is watched, by name: filesystem fill, inodes, memory, file descriptors. Callers name them by index. */
  readonly resources: readonly string[]
  /** Used share at which a resource is exhausted. */
  readonly limit?: number
  /** Lengths of the windows a trend is sought in, rising: the shortest sees a fill of minutes, the longest one of days. */
  readonly windowsMs?: readonly number[]
  /** How far a window's trend is carried on, in lengths of the window; the default forecasts up to 12 days ahead. */
  readonly reach?: number
  /** Mann–Kendall's statistic a trend must pass; 2.88 is passed by 2 in 1,000 trendless series. */
  readonly significance?: number
}

/** When a resource will be used up if it goes on as now. */
export interface ExhaustionForecast {
  /** Seconds from the time asked about, ≥ 0; exactly 0 when it is full. */
  readonly seconds: number
  /** 95 % interval of `seconds`: measured on straight fills with noise, the true time lay inside 94 … 97 % of the time. */
  readonly low: number
  readonly high: number
  /** Share of the capacity per second, > 0; 0 when it is full. */
  readonly slopePerSecond: number
}

export interface ExhaustionForecaster {
  readonly resources: readonly string[]
  /** State of one resource of one slot. */
  readonly bytesPerResource: number
  /** Makes room for slots 0 … slots − 1. */
  grow(slots: number): void
  /** Forgets a slot whose target has gone. */
  clear(slot: number): void
  /**
   * Takes a reading. One that is not newer than the last, or not a finite number, is left out.
   *
   * @param resource index in `resources`
   * @param at ms since the epoch
   * @param ratio used share, 0 … 1
   */
  observe(slot: number, resource: number, at: number, ratio: number): void
  /** @returns `undefined` when nothing significant rises, or the newest reading is too old to say */
  forecast(slot: number, resource: number, at: number): ExhaustionForecast | undefined
}

/** A trend of fewer points is a guess; with seven all in order it is just significant. */
const LEAST_POINTS = 7

/** A turnaround is remembered for so many lengths of its window; longer windows know of older ones. */
const TURNAROUND_MEMORY = 4

/** Normal quantile of a two-sided 95 % interval. */
const QUANTILE = 1.96

/**
 * Forecasts the exhaustion of slowly filling resources from their used share.
 *
 * In each window the reading is reduced to twelve block means; a line is fitted by Theil and Sen and must be significant
 * by Mann–Kendall with autocorrelation allowed for (see trend.ts), rise all along (steadiness.ts), not repeat a rise
 * that turned by itself before (turnarounds.ts), and reach the limit within `reach` windows: what a window cannot see, it
 * does not claim. The earliest of the windows' forecasts counts.
 */
export function createExhaustionForecaster(options: ExhaustionOptions): ExhaustionForecaster {
  const { resources, limit = 1, windowsMs = WINDOWS_MS, reach = 3, significance = 2.88 } = options
  const scales = windowsMs.map((windowMs) => new Scale(windowMs))
  const points = createPoints()
  let newestAt = new Float64Array(0)
  let newestRatio = new Float32Array(0)

  function exhaustion(scale: Scale, row: number, at: number): ExhaustionForecast | undefined {
    if (at - newestAt[row] > scale.windowMs / 4) return undefined
    scale.blocks.read(row, points)
    const { count } = points
    if (count < LEAST_POINTS || points.at[count - 1] - points.at[0] < scale.windowMs / 2) return undefined
    if (!mayReach(points, limit, reach)) return undefined
    const trend = fitTrend(points)
    if (!(trend.z > significance && trend.slopeLow > 0 && isSteady(points, trend.slope))) return undefined
    const forecast = extrapolate(trend, limit, (at - points.at[count - 1]) / 1000)
    return forecast.seconds * 1000 <= reach * scale.windowMs ? forecast : undefined
  }

  /** Shorter windows see the teeth of a saw that rises as a whole; only this window's and longer ones' peaks count. */
  function turnsByItself(index: number, row: number, at: number, slope: number): boolean {
    return scales
      .slice(index)
      .some(({ turnarounds, windowMs }) =>
        turnarounds.expects(row, newestRatio[row], slope, at - TURNAROUND_MEMORY * windowMs),
      )
  }

  return {
    resources,
    bytesPerResource: scales.length * (BlockWindow.bytesPerRow + Turnarounds.bytesPerRow) + 8 + 4,
    grow(slots) {
      const rows = slots * resources.length
      if (rows <= newestAt.length) return
      for (const scale of scales) scale.grow(rows)
      const at = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY)
      at.set(newestAt)
      newestAt = at
      const ratio = new Float32Array(rows)
      ratio.set(newestRatio)
      newestRatio = ratio
    },
    clear(slot) {
      for (let row = slot * resources.length; row < (slot + 1) * resources.length; row++) {
        newestAt[row] = Number.NEGATIVE_INFINITY
        for (const scale of scales) scale.clear(row)
      }
    },
    observe(slot, resource, at, ratio) {
      const row = slot * resources.length + resource
      if (!Number.isFinite(ratio) || !(at > newestAt[row])) return
      newestAt[row] = at
      newestRatio[row] = ratio
      for (const scale of scales) scale.observe(row, at, ratio)
    },
    forecast(slot, resource, at) {
      const row = slot * resources.length + resource
      if (newestRatio[row] >= limit && at - newestAt[row] <= windowsMs[0]) return FULL
      let earliest: ExhaustionForecast | undefined
      for (const [i, scale] of scales.entries()) {
        const found = exhaustion(scale, row, at)
        if (found === undefined || found.seconds >= (earliest?.seconds ?? Number.POSITIVE_INFINITY)) continue
        if (!turnsByItself(i, row, at, found.slopePerSecond)) earliest = found
      }
      return earliest
    },
  }
}

/** Generous, as the ends carry noise that the line does not. */
const PART_OF_THE_WAY = 0.4

const FULL: ExhaustionForecast = { seconds: 0, low: 0, high: 0, slopePerSecond: 0 }

/** One window and the turnarounds seen at its resolution. */
class Scale {
  readonly windowMs: number
  readonly blocks: BlockWindow
  readonly turnarounds: Turnarounds

  constructor(windowMs: number) {
    this.windowMs = windowMs
    this.blocks = new BlockWindow(windowMs)
    this.turnarounds = new Turnarounds(this.blocks.blockMs)
  }

  grow(rows: number): void {
    this.blocks.grow(rows)
    this.turnarounds.grow(rows)
  }

  clear(row: number): void {
    this.blocks.clear(row)
    this.turnarounds.clear(row)
  }

  observe(row: number, at: number, ratio: number): void {
    if (!this.blocks.add(row, at, ratio)) return
    const complete = this.blocks.previous(row)
    if (!Number.isNaN(complete)) this.turnarounds.add(row, at - this.blocks.blockMs, complete)
  }
}

/** Spares the fit where nothing much rises, which is nearly everywhere: the ends alone must promise a part of the way. */
function mayReach({ count, value }: Points, limit: number, reach: number): boolean {
  const last = value[count - 1]
  return (last - value[0]) * reach > PART_OF_THE_WAY * (limit - last)
}

/** @param ago seconds since the newest point of the trend */
function extrapolate(
  { slope, slopeLow, slopeHigh, level, spread }: Trend,
  limit: number,
  ago: number,
): ExhaustionForecast {
  const seconds = (distance: number, pace: number): number => Math.max(0, distance / pace - ago)
  return {
    seconds: seconds(limit - level, slope),
    low: seconds(limit - level - QUANTILE * spread, slopeHigh),
    high: seconds(limit - level + QUANTILE * spread, slopeLow),
    slopePerSecond: slope,
  }
}
