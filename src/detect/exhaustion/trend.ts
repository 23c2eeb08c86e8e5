import { BLOCKS, type Points } from './blocks.ts'

/** A straight line through points, with what is known of its slope. Slopes are per second. */
export interface Trend {
  readonly slope: number
  /** 95 % interval of the slope. */
  readonly slopeLow: number
  readonly slopeHigh: number
  /** Value of the line at the newest point. */
  readonly level: number
  /** Robust standard deviation of the points about the line. */
  readonly spread: number
  /** Mann–Kendall's statistic, standard normal without a trend; > 0 when rising. */
  readonly z: number
}

/** Normal quantile of a two-sided 95 % interval. */
const QUANTILE = 1.96

const slopes = new Float64Array((BLOCKS * (BLOCKS - 1)) / 2)
const residuals = new Float64Array(BLOCKS)
const sorted = new Float64Array(BLOCKS)

/**
 * Fits a line that a few stray points do not move, and asks whether it rises at all.
 *
 * Slope: median of the slopes of all pairs (Theil 1950), with Sen's interval (Sen, "Estimates of the regression
 * coefficient based on Kendall's tau", JASA 63, 1968). Trend test: Mann (1945) and Kendall, corrected for ties, its
 * variance multiplied by n/n* because neighbouring readings of a resource resemble each other: n* is the number of
 * independent points, from the lag-1 correlation of the residuals (Yue & Wang, "The Mann–Kendall test modified by
 * effective sample size", Water Resources Management 18, 2004).
 *
 * @param points at least 3, at increasing times
 */
export function fitTrend(points: Points): Trend {
  const { count, at, value } = points
  const pairs = pairSlopes(points)
  const slope = median(slopes.subarray(0, pairs))
  for (let i = 0; i < count; i++) residuals[i] = value[i] - slope * seconds(at, i)
  const offset = medianOf(residuals, count)
  for (let i = 0; i < count; i++) residuals[i] -= offset
  const spread = 1.4826 * medianSize(residuals, count)
  const rise = slope * seconds(at, count - 1)
  const { sum, variance } = kendall(points)
  const inflation = independence(residuals, count)
  // Residuals that vanish beside the rise are rounding or a slight bend: no reason to doubt that it rises.
  const deviation = Math.sqrt(spread > 0.05 * Math.abs(rise) ? variance * inflation : variance)
  const margin = (QUANTILE * Math.sqrt(variance * inflation)) / 2
  return {
    slope,
    slopeLow: slopes[Math.max(0, Math.round((pairs - 1) / 2 - margin))],
    slopeHigh: slopes[Math.min(pairs - 1, Math.round((pairs - 1) / 2 + margin))],
    level: offset + rise,
    spread,
    z: deviation === 0 ? 0 : (sum - Math.sign(sum)) / deviation,
  }
}

/** From the first point on: epoch times would cancel. */
function seconds(at: Float64Array, i: number): number {
  return (at[i] - at[0]) / 1000
}

/** Fills `slopes` in rising order; returns how many. */
function pairSlopes({ count, at, value }: Points): number {
  let pairs = 0
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) slopes[pairs++] = ((value[j] - value[i]) / (at[j] - at[i])) * 1000
  }
  slopes.subarray(0, pairs).sort()
  return pairs
}

/** Pairs that rise less pairs that fall, and the variance of that number without a trend. */
function kendall({ count, value }: Points): { sum: number; variance: number } {
  let sum = 0
  let ties = 0
  for (let i = 0; i < count; i++) {
    let equal = 1
    for (let j = 0; j < count; j++) {
      if (j > i) sum += Math.sign(value[j] - value[i])
      if (j !== i && value[j] === value[i]) equal++
    }
    // Each of t equal values adds its share of t(t − 1)(2t + 5).
    ties += (equal - 1) * (2 * equal + 5)
  }
  return { sum, variance: (count * (count - 1) * (2 * count + 5) - ties) / 18 }
}

/** n/n* ≥ 1: by how much correlated points tell less than independent ones. */
function independence(residuals: Float64Array, count: number): number {
  let product = 0
  let square = 0
  for (let i = 0; i < count; i++) {
    square += residuals[i] * residuals[i]
    if (i > 0) product += residuals[i] * residuals[i - 1]
  }
  // The line has taken part of the correlation with it: in short series the estimate falls short by about (1 + 3r)/n.
  const raw = square === 0 ? 0 : product / square
  const r = Math.min(0.9, Math.max(0, raw + (1 + 3 * Math.max(0, raw)) / count))
  let factor = 1
  for (let lag = 1; lag < count; lag++) factor += 2 * (1 - lag / count) * r ** lag
  return factor
}

function medianSize(values: Float64Array, count: number): number {
  for (let i = 0; i < count; i++) sorted[i] = Math.abs(values[i])
  return median(sorted.subarray(0, count).sort())
}

function medianOf(values: Float64Array, count: number): number {
  sorted.set(values.subarray(0, count))
  return median(sorted.subarray(0, count).sort())
}

/** Of values in rising order. */
function median(ascending: Float64Array): number {
  const middle = (ascending.length - 1) / 2
  return (ascending[Math.floor(middle)] + ascending[Math.ceil(middle)]) / 2
}
