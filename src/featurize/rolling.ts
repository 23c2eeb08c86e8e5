/**
 * The readings of the last `overMs` of one feature for every slot, in fixed memory: `capacity` readings a slot.
 * A reading exactly `overMs` old has left the window.
 */
export interface RollingWindow {
  push(slot: number, at: number, value: number): void
  /** NaN without a reading. */
  mean(slot: number): number
  /** Population standard deviation, √(Σ(x − mean)² / n); 0 for one reading, NaN for none. */
  standardDeviation(slot: number): number
  clear(slot: number): void
  /** Makes room for slots 0 … slots − 1. */
  grow(slots: number): void
}

export function createRollingWindow(overMs: number, capacity: number): RollingWindow {
  let times = new Float64Array(0)
  let values = new Float64Array(0)
  let heads = new Int32Array(0)
  let counts = new Int32Array(0)

  const oldest = (slot: number) => (heads[slot] - counts[slot] + capacity) % capacity

  const fold = (slot: number, visit: (value: number) => void) => {
    let index = oldest(slot)
    for (let i = 0; i < counts[slot]; i++) {
      visit(values[slot * capacity + index])
      index = (index + 1) % capacity
    }
  }

  const mean = (slot: number) => {
    let sum = 0
    fold(slot, (value) => {
      sum += value
    })
    return counts[slot] === 0 ? Number.NaN : sum / counts[slot]
  }

  return {
    push(slot, at, value) {
      if (Number.isNaN(value)) return
      const base = slot * capacity
      values[base + heads[slot]] = value
      times[base + heads[slot]] = at
      heads[slot] = (heads[slot] + 1) % capacity
      counts[slot] = Math.min(counts[slot] + 1, capacity)
      while (counts[slot] > 0 && times[base + oldest(slot)] <= at - overMs) counts[slot]--
    },
    mean,
    standardDeviation(slot) {
      const center = mean(slot)
      let squares = 0
      fold(slot, (value) => {
        squares += (value - center) ** 2
      })
      return counts[slot] === 0 ? Number.NaN : Math.sqrt(squares / counts[slot])
    },
    clear(slot) {
      counts[slot] = 0
      heads[slot] = 0
    },
    grow(slots) {
      if (slots <= counts.length) return
      times = enlarge(times, slots * capacity)
      values = enlarge(values, slots * capacity)
      const moreHeads = new Int32Array(slots)
      moreHeads.set(heads)
      heads = moreHeads
      const moreCounts = new Int32Array(slots)
      moreCounts.set(counts)
      counts = moreCounts
    },
  }
}

function enlarge(old: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const next = new Float64Array(length)
  next.set(old)
  return next
}
