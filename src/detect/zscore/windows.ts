/**
 * The last readings of every slot: `length` rows of `width` features each, float32, in one block.
 * A missing value is stored as the slot's previous one, so that a window has no holes once a feature has been seen.
 */
export class ReadingWindows {
  readonly length: number
  readonly width: number
  private rows = new Float32Array(0)
  private heads = new Uint16Array(0)
  private counts = new Uint16Array(0)

  constructor(length: number, width: number) {
    this.length = length
    this.width = width
  }

  /** Makes room for slots 0 … slots − 1. */
  grow(slots: number): void {
    if (slots <= this.counts.length) return
    const rows = new Float32Array(slots * this.length * this.width)
    rows.set(this.rows)
    this.rows = rows
    const heads = new Uint16Array(slots)
    heads.set(this.heads)
    this.heads = heads
    const counts = new Uint16Array(slots)
    counts.set(this.counts)
    this.counts = counts
  }

  clear(slot: number): void {
    this.heads[slot] = 0
    this.counts[slot] = 0
  }

  /** Readings held, 0 … length. */
  count(slot: number): number {
    return this.counts[slot]
  }

  /** @param offset of the reading's row in `values` */
  push(slot: number, values: ArrayLike<number>, offset: number): void {
    const { length, width, rows } = this
    const head = this.heads[slot]
    const to = (slot * length + head) * width
    const before = (slot * length + ((head + length - 1) % length)) * width
    const held = this.counts[slot] > 0
    for (let f = 0; f < width; f++) {
      const value = values[offset + f]
      rows[to + f] = Number.isNaN(value) && held ? rows[before + f] : value
    }
    this.heads[slot] = (head + 1) % length
    if (this.counts[slot] < length) this.counts[slot]++
  }

  /** The slot's rows, row-major and in no particular order; a view, valid until the next `grow`. */
  view(slot: number): Float32Array {
    const from = slot * this.length * this.width
    return this.rows.subarray(from, from + this.counts[slot] * this.width)
  }

  /** Writes mean and sample standard deviation (n − 1) of each feature into the given arrays; needs 2 readings. */
  moments(slot: number, mean: Float64Array, deviation: Float64Array): void {
    const { width, rows } = this
    const count = this.counts[slot]
    const from = slot * this.length * width
    mean.fill(0)
    deviation.fill(0)
    // Sums run over distances from the first row: sums of squares of large values would cancel.
    for (let r = 1; r < count; r++) {
      const row = from + r * width
      for (let f = 0; f < width; f++) {
        const distance = rows[row + f] - rows[from + f]
        mean[f] += distance
        deviation[f] += distance * distance
      }
    }
    for (let f = 0; f < width; f++) {
      const shift = mean[f] / count
      const variance = (deviation[f] - shift * mean[f]) / (count - 1)
      mean[f] = rows[from + f] + shift
      deviation[f] = variance > 0 ? Math.sqrt(variance) : Number.isNaN(variance) ? Number.NaN : 0
    }
  }
}
