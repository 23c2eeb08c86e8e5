import type { Target } from './target.ts'

/**
 * What one observation of the fleet saw: a matrix of targets × base features.
 *
 * A target keeps its slot (row) for as long as it is known, so that state can live in arrays indexed by slot. A slot
 * that a gone target left may be taken by a new one: the `Target` object then differs, and state of the old one must
 * be dropped.
 */
export interface Snapshot {
  /** Grid time of the observation, ms since the epoch. */
  readonly at: number
  readonly features: readonly string[]
  /** By slot; `undefined` where the slot is free. */
  readonly targets: readonly (Target | undefined)[]
  /** Slot-major: the value of feature f at slot s is `values[s * features.length + f]`; NaN where nothing was read. */
  readonly values: Float64Array
  /** By slot: time of the newest sample behind the row, ms since the epoch; NaN where no sample was seen. */
  readonly sampledAt: Float64Array
  /** Why this snapshot may be incomplete. When not empty, scores are shown but nothing may be acted on. */
  readonly warnings: readonly string[]
}
