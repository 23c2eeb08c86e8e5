import type { Target } from './target.ts'

/** One feature vector per target: base features cleaned, engineered features appended. Slots as in `Snapshot`. */
export interface FeatureMatrix {
  /** ms since the epoch */
  readonly at: number
  readonly names: readonly string[]
  /** By slot; `undefined` where the slot is free. */
  readonly targets: readonly (Target | undefined)[]
  /** Slot-major, targets × names; NaN where a value is missing and too old to carry forward. */
  readonly values: Float64Array
  /** By slot: 1 where this tick brought a new reading. Only those rows may enter a window or a score. */
  readonly fresh: Uint8Array
  /** By slot: time of the newest sample, ms since the epoch; NaN before the first. */
  readonly sampledAt: Float64Array
  readonly cleaning: CleaningReport
}

/** What cleaning did to one matrix; nothing is repaired silently. */
export interface CleaningReport {
  /** Missing values replaced by the target's last one. */
  readonly forwardFilled: number
  /** Missing values that stayed missing: never read, or too old to carry. */
  readonly missing: number
  /** Rows without a new sample, left out of windows and scores. */
  readonly droppedRows: number
}
