import { enlarged } from './arrays.ts'
import { quantileOf } from './quantile.ts'

/** How large one model's error on each feature usually is, from its training rows. */
export interface UsualErrors {
  /** 99 % quantile of the error. */
  readonly high: Float32Array
  /** What an error is divided by: the geometric mean of `high` and three times the root mean square. */
  readonly scale: Float32Array
  /** Mean of the errors, none counted above `high`. */
  readonly mean: Float32Array
}

/** No feature's usual error is taken for smaller than this, in deviations. */
const LEAST = 0.07
/** Half-life of the memory for how large errors are of late. */
const MEMORY_MS = 1440 * 60_000
/** One reading speaks for this long at most: the first one after an outage must not stand for all of it. */
const LONGEST_MS = 120 * 60_000
/** How far the usual error may have shrunk or grown since training, as far as the scale follows it. */
const MOST_SHRINKAGE = 0.7
const MOST_GROWTH = 3
/** Share of `high` that is added to both sides, so that a feature without errors does not divide by 0. */
const SOFTENING = 0.02

/** @param errors row-major, rows × width, ≥ 0 */
export function usualErrors(errors: Float32Array, width: number): UsualErrors {
  const usual = { high: new Float32Array(width), scale: new Float32Array(width), mean: new Float32Array(width) }
  const rows = errors.length / width
  const column = new Float64Array(rows)
  for (let f = 0; f < width; f++) {
    let squares = 0
    for (let row = 0; row < rows; row++) {
      column[row] = errors[row * width + f]
      squares += column[row] ** 2
    }
    column.sort()
    const high = Math.max(LEAST, quantileOf(column, 0.99))
    const wide = Math.max(LEAST, 3 * Math.sqrt(squares / rows))
    let sum = 0
    for (const error of column) sum += Math.min(error, high)
    usual.high[f] = high
    usual.scale[f] = Math.sqrt(high * wide)
    usual.mean[f] = sum / rows
  }
  return usual
}

/**
 * Expresses errors in units of what is usual, by slot, and lets "usual" follow slowly when errors have been larger or
 * smaller for a day or so: drift of the data must not become a permanent alarm.
 */
export class ErrorScale {
  readonly width: number
  private recent = new Float32Array(0)
  private lastAt = new Float64Array(0)

  constructor(width: number) {
    this.width = width
  }

  grow(slots: number): void {
    this.recent = enlarged(this.recent, slots * this.width)
    this.lastAt = enlarged(this.lastAt, slots, Number.NaN)
  }

  /** Begins anew with what was usual in training. */
  reset(slot: number, usual: UsualErrors): void {
    this.recent.set(usual.mean, slot * this.width)
    this.lastAt[slot] = Number.NaN
  }

  /** Replaces the errors from `offset` on by multiples of what is usual, then remembers them. */
  normalize(slot: number, at: number, usual: UsualErrors, errors: Float32Array, offset: number): void {
    const { width, recent } = this
    const elapsed = Math.min(LONGEST_MS, Math.max(0, at - this.lastAt[slot]))
    const gain = Number.isNaN(elapsed) ? 0 : 1 - 2 ** (-elapsed / MEMORY_MS)
    const base = slot * width
    for (let f = 0; f < width; f++) {
      const error = errors[offset + f]
      const high = usual.high[f]
      const growth = (recent[base + f] + SOFTENING * high) / (usual.mean[f] + SOFTENING * high)
      errors[offset + f] = error / (usual.scale[f] * Math.min(MOST_GROWTH, Math.max(MOST_SHRINKAGE, growth)))
      recent[base + f] += gain * (Math.min(error, high) - recent[base + f])
    }
    this.lastAt[slot] = at
  }

  /** What was usual lately, to be kept over a restart. */
  export(slot: number): Float32Array {
    return this.recent.slice(slot * this.width, (slot + 1) * this.width)
  }

  import(slot: number, at: number, recent: Float32Array): void {
    this.recent.set(recent, slot * this.width)
    this.lastAt[slot] = at
  }
}

/** Mean of the three largest of `width` numbers from `offset` on; of all of them where they are fewer. */
export function meanOfThreeLargest(values: ArrayLike<number>, offset: number, width: number): number {
  let first = 0
  let second = 0
  let third = 0
  for (let i = offset; i < offset + width; i++) {
    const value = values[i]
    if (value > third) {
      if (value > first) {
        third = second
        second = first
        first = value
      } else if (value > second) {
        third = second
        second = value
      } else third = value
    }
  }
  return (first + second + third) / Math.min(3, width)
}
