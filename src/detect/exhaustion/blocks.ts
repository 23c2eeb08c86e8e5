/** Blocks a window is divided into; the oldest is replaced when a new one begins. */
export const BLOCKS = 12

/** Fractions of a block are kept in 16 bits. */
const FRACTION = 65_535

/** Points of a window, oldest first, in arrays that are reused: only the first `count` are valid. */
export interface Points {
  count: number
  /** ms since the epoch */
  readonly at: Float64Array
  readonly value: Float64Array
}

export function createPoints(): Points {
  return { count: 0, at: new Float64Array(BLOCKS), value: new Float64Array(BLOCKS) }
}

/**
 * A window over an irregular series, per row: the mean value and mean time of each twelfth of the window that has
 * samples. Means of blocks carry less noise than samples, and a window of days takes no more room than one of minutes.
 *
 * Rows are whatever the caller counts; 84 bytes each.
 */
export class BlockWindow {
  static readonly bytesPerRow = BLOCKS * (4 + 2) + 8 + 4
  readonly blockMs: number
  private values = new Float32Array(0)
  private fractions = new Uint16Array(0)
  /** Number of the newest block since the epoch; NaN before the first sample. */
  private newest = new Float64Array(0)
  private counts = new Uint32Array(0)

  constructor(windowMs: number) {
    this.blockMs = windowMs / BLOCKS
  }

  grow(rows: number): void {
    const before = this.newest.length
    if (rows <= before) return
    this.values = enlarged(this.values, new Float32Array(rows * BLOCKS))
    this.fractions = enlarged(this.fractions, new Uint16Array(rows * BLOCKS))
    this.newest = enlarged(this.newest, new Float64Array(rows))
    this.counts = enlarged(this.counts, new Uint32Array(rows))
    for (let row = before; row < rows; row++) this.clear(row)
  }

  clear(row: number): void {
    this.newest[row] = Number.NaN
    this.values.fill(Number.NaN, row * BLOCKS, (row + 1) * BLOCKS)
  }

  /**
   * Adds a sample; times of one row do not fall.
   *
   * @returns whether it began a new block, so that the one before it, if any, is complete
   */
  add(row: number, at: number, value: number): boolean {
    const block = Math.floor(at / this.blockMs)
    const fraction = (at / this.blockMs - block) * FRACTION
    const index = row * BLOCKS + (block % BLOCKS)
    if (block !== this.newest[row]) {
      this.skip(row, block)
      this.newest[row] = block
      this.counts[row] = 1
      this.values[index] = value
      this.fractions[index] = fraction
      return true
    }
    const count = ++this.counts[row]
    this.values[index] += (value - this.values[index]) / count
    this.fractions[index] += (fraction - this.fractions[index]) / count
    return false
  }

  /** The complete block before the newest: its mean, or NaN when it has no samples. */
  previous(row: number): number {
    return this.values[row * BLOCKS + ((this.newest[row] + BLOCKS - 1) % BLOCKS)]
  }

  read(row: number, points: Points): void {
    points.count = 0
    const newest = this.newest[row]
    if (Number.isNaN(newest)) return
    for (let block = newest - BLOCKS + 1; block <= newest; block++) {
      const index = row * BLOCKS + (((block % BLOCKS) + BLOCKS) % BLOCKS)
      if (Number.isNaN(this.values[index])) continue
      points.at[points.count] = (block + this.fractions[index] / FRACTION) * this.blockMs
      points.value[points.count] = this.values[index]
      points.count++
    }
  }

  /** Empties the blocks between the newest and `block`: the ring holds older ones there. */
  private skip(row: number, block: number): void {
    const newest = this.newest[row]
    const from = Number.isNaN(newest) ? block : Math.max(newest + 1, block - BLOCKS + 1)
    for (let each = from; each < block; each++) this.values[row * BLOCKS + (each % BLOCKS)] = Number.NaN
  }
}

function enlarged<T extends Float32Array | Float64Array | Uint16Array | Uint32Array>(from: T, to: T): T {
  to.set(from as never)
  return to
}
