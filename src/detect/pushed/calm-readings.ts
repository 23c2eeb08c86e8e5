/**
 * The last calm readings of one service, and mean and deviation of each feature over them. A missing value counts
 * nowhere.
 */
export class CalmReadings {
  readonly width: number
  readonly capacity: number
  private readonly rows: Float64Array
  private readonly origin: Float64Array
  private readonly counts: Int32Array
  private readonly sums: Float64Array
  private readonly squares: Float64Array
  private head = 0
  private held = 0

  constructor(width: number, capacity: number) {
    this.width = width
    this.capacity = capacity
    this.rows = new Float64Array(width * capacity).fill(Number.NaN)
    this.origin = new Float64Array(width).fill(Number.NaN)
    this.counts = new Int32Array(width)
    this.sums = new Float64Array(width)
    this.squares = new Float64Array(width)
  }

  /** Readings held, 0 … capacity. */
  get count(): number {
    return this.held
  }

  /** Values of a feature that are held. */
  countOf(feature: number): number {
    return this.counts[feature]
  }

  meanOf(feature: number): number {
    return this.counts[feature] === 0 ? Number.NaN : this.origin[feature] + this.sums[feature] / this.counts[feature]
  }

  /** Sample standard deviation; NaN with fewer than two values. */
  deviationOf(feature: number): number {
    const count = this.counts[feature]
    if (count < 2) return Number.NaN
    const variance = (this.squares[feature] - this.sums[feature] ** 2 / count) / (count - 1)
    return variance > 0 ? Math.sqrt(variance) : 0
  }

  push(row: ArrayLike<number>): void {
    const from = this.head * this.width
    if (this.held === this.capacity) for (let f = 0; f < this.width; f++) this.count1(f, this.rows[from + f], -1)
    for (let f = 0; f < this.width; f++) {
      this.rows[from + f] = row[f]
      this.count1(f, row[f], 1)
    }
    this.head = (this.head + 1) % this.capacity
    if (this.held < this.capacity) this.held++
    if (this.head === 0) this.recount()
  }

  /** All rows one after the other, oldest first. */
  export(): Float32Array {
    const { rows, width, capacity, head, held } = this
    const newer = rows.subarray(0, head * width)
    const older = held < capacity ? rows.subarray(0, 0) : rows.subarray(head * width)
    const all = new Float32Array(held * width)
    all.set(older)
    all.set(newer, older.length)
    return all
  }

  clear(): void {
    this.head = 0
    this.held = 0
    this.rows.fill(Number.NaN)
    this.origin.fill(Number.NaN)
    this.recount()
  }

  /** Sums run over distances from the first value: sums of squares of large values would cancel. */
  private count1(feature: number, value: number, sign: 1 | -1): void {
    if (Number.isNaN(value)) return
    if (Number.isNaN(this.origin[feature])) this.origin[feature] = value
    const distance = value - this.origin[feature]
    this.counts[feature] += sign
    this.sums[feature] += sign * distance
    this.squares[feature] += sign * distance * distance
  }

  /** What was added and taken away thousands of times is no longer exact. */
  private recount(): void {
    this.counts.fill(0)
    this.sums.fill(0)
    this.squares.fill(0)
    for (let i = 0; i < this.held * this.width; i++) this.count1(i % this.width, this.rows[i], 1)
  }
}
