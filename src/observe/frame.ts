import type { Snapshot } from '../domain/snapshot.ts'
import type { Target } from '../domain/target.ts'

/** A snapshot being filled; grows as targets appear. */
export class Frame {
  readonly at: number
  readonly #width: number
  #capacity: number
  #values: Float64Array
  #sampledAt: Float64Array

  /** @param slots how many slots to make room for at first */
  constructor(at: number, width: number, slots: number) {
    this.at = at
    this.#width = width
    this.#capacity = Math.max(slots, 16)
    this.#values = new Float64Array(this.#capacity * width).fill(Number.NaN)
    this.#sampledAt = new Float64Array(this.#capacity).fill(Number.NaN)
  }

  /** Stores a value; one that is not finite becomes NaN. False when there was a value already. */
  set(slot: number, feature: number, value: number): boolean {
    if (slot >= this.#capacity) this.#grow(slot + 1)
    const index = slot * this.#width + feature
    const fresh = Number.isNaN(this.#values[index])
    this.#values[index] = Number.isFinite(value) ? value : Number.NaN
    return fresh
  }

  /** Notes that the target at `slot` has a sample taken at `timeMs`. */
  sampled(slot: number, timeMs: number): void {
    if (slot >= this.#capacity) this.#grow(slot + 1)
    this.#sampledAt[slot] = timeMs
  }

  /**
   * The snapshot; the frame must not be used afterwards.
   *
   * @param targets by slot, at least up to the highest slot written
   */
  finish(features: readonly string[], targets: readonly (Target | undefined)[], warnings: readonly string[]): Snapshot {
    const slots = targets.length
    if (slots > this.#capacity) this.#grow(slots)
    return {
      at: this.at,
      features,
      targets,
      values: this.#values.subarray(0, slots * this.#width),
      sampledAt: this.#sampledAt.subarray(0, slots),
      warnings,
    }
  }

  #grow(slots: number): void {
    this.#capacity = Math.max(slots, this.#capacity * 2)
    this.#values = grown(this.#values, this.#capacity * this.#width)
    this.#sampledAt = grown(this.#sampledAt, this.#capacity)
  }
}

function grown(from: Float64Array, length: number): Float64Array {
  const to = new Float64Array(length).fill(Number.NaN)
  to.set(from)
  return to
}
