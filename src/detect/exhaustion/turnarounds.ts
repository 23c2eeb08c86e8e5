/** A rise so many times as steep as the one before is something else. */
const FASTER_THAN_BEFORE = 3
/** Of a higher peak or a steeper rise before the last, this much is kept: teeth are not all alike. */
const REMEMBERED = 0.9
/** A fall counts once it undoes this share of the rise before it … */
const SHARE_UNDONE = 0.5
/** … and this much of the capacity, so that noise on a level is not a saw. */
const LEAST_FALL = 0.01

/**
 * The last time each row's value rose to a peak and fell again, as logs do that are rotated and heaps that are
 * collected: a rise that has turned by itself before is no reason to expect the limit.
 *
 * Fed with block means, in order. 40 bytes a row.
 */
export class Turnarounds {
  static readonly bytesPerRow = 3 * 8 + 4 * 4
  private readonly blockSeconds: number
  /** Lowest value since the last peak, highest value since that low. */
  private low = new Float32Array(0)
  private lowAt = new Float64Array(0)
  private high = new Float32Array(0)
  private highAt = new Float64Array(0)
  private peak = new Float32Array(0)
  private peakAt = new Float64Array(0)
  /** Capacity per second of the rise to the peak. */
  private climb = new Float32Array(0)

  constructor(blockMs: number) {
    this.blockSeconds = blockMs / 1000
  }

  grow(rows: number): void {
    const before = this.low.length
    if (rows <= before) return
    this.low = copied(this.low, new Float32Array(rows))
    this.high = copied(this.high, new Float32Array(rows))
    this.peak = copied(this.peak, new Float32Array(rows))
    this.climb = copied(this.climb, new Float32Array(rows))
    this.lowAt = copied(this.lowAt, new Float64Array(rows))
    this.highAt = copied(this.highAt, new Float64Array(rows))
    this.peakAt = copied(this.peakAt, new Float64Array(rows))
    for (let row = before; row < rows; row++) this.clear(row)
  }

  clear(row: number): void {
    this.low[row] = Number.POSITIVE_INFINITY
    this.high[row] = Number.NEGATIVE_INFINITY
    this.peak[row] = Number.NaN
    this.climb[row] = 0
  }

  add(row: number, at: number, value: number): void {
    const fall = this.high[row] - value
    if (fall > LEAST_FALL && fall > SHARE_UNDONE * (this.high[row] - this.low[row])) this.turn(row)
    if (value <= this.low[row]) {
      this.low[row] = value
      this.lowAt[row] = at
      this.high[row] = value
      this.highAt[row] = at
    }
    if (value > this.high[row]) {
      this.high[row] = value
      this.highAt[row] = at
    }
  }

  /**
   * Whether a rise like this one has turned before: at this level or above, since `since`, and not much slower.
   *
   * @param level present share of the capacity
   * @param slope present capacity per second
   */
  expects(row: number, level: number, slope: number, since: number): boolean {
    const climb = this.climb[row]
    // Means hide the tip of a tooth: half a block above the greatest of them, and the block it falls in is no high one.
    const tip = this.peak[row] + LEAST_FALL + 2 * climb * this.blockSeconds
    return this.peakAt[row] >= since && level <= tip && slope <= FASTER_THAN_BEFORE * climb
  }

  /** Remembers the peak; the next low begins with the value that fell from it. */
  private turn(row: number): void {
    const seconds = (this.highAt[row] - this.lowAt[row]) / 1000
    const climb = seconds > 0 ? (this.high[row] - this.low[row]) / seconds : 0
    this.peak[row] = remembered(this.peak[row], this.high[row])
    this.climb[row] = remembered(this.climb[row], climb)
    this.peakAt[row] = this.highAt[row]
    this.low[row] = Number.POSITIVE_INFINITY
    this.high[row] = Number.NEGATIVE_INFINITY
  }
}

function remembered(before: number, now: number): number {
  return before > now ? REMEMBERED * before + (1 - REMEMBERED) * now : now
}

function copied<T extends Float32Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}
