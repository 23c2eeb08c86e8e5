/** A deploy or a maintenance window that somebody told us of. */
export interface Change {
  readonly id: string
  /** Ids of the targets concerned. */
  readonly targets: readonly string[]
  /** ms since the epoch, `from` < `to`. */
  readonly from: number
  readonly to: number
  readonly text: string
  /** When we were told, ms since the epoch. */
  readonly at: number
}

/** One person's word on one incident; what they say of a target's incidents together moves its false-alarm budget. */
export interface Vote {
  readonly incident: string
  readonly target: string
  readonly useful: boolean
  /** ms since the epoch */
  readonly at: number
}
