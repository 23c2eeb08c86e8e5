export interface HysteresisOptions {
  /** An anomaly begins when the level rises above this. */
  readonly enter: number
  /** It ends when the level has fallen below this, ≤ enter … */
  readonly exit: number
  /** … for this long, ms. */
  readonly holdMs: number
}

/** By slot: whether the level counts as an anomaly, so that a level around the threshold does not flicker. */
export interface Hysteresis {
  /** @returns whether the target is anomalous now */
  update(slot: number, at: number, level: number): boolean
  clear(slot: number): void
  grow(slots: number): void
}

export function createHysteresis(options: HysteresisOptions): Hysteresis {
  let detected = new Uint8Array(0)
  let calmSince = new Float64Array(0)
  return {
    update(slot, at, level) {
      if (level > options.enter) detected[slot] = 1
      if (level >= options.exit) calmSince[slot] = Number.NaN
      if (level < options.exit && detected[slot] === 1) {
        if (Number.isNaN(calmSince[slot])) calmSince[slot] = at
        if (at - calmSince[slot] >= options.holdMs) detected[slot] = 0
      }
      return detected[slot] === 1
    },
    clear(slot) {
      detected[slot] = 0
      calmSince[slot] = Number.NaN
    },
    grow(slots) {
      if (slots <= detected.length) return
      const moreDetected = new Uint8Array(slots)
      moreDetected.set(detected)
      detected = moreDetected
      const moreCalm = new Float64Array(slots).fill(Number.NaN)
      moreCalm.set(calmSince)
      calmSince = moreCalm
    },
  }
}
