import type { Contribution, DetectorName } from './verdict.ts'

/** All that is known of one target at one moment: what diagnosis and rules may ask about. */
export interface Facts {
  /** ms since the epoch */
  readonly at: number
  readonly target: string
  /** The target's identity labels and, under them, those of its firing alerts. */
  readonly labels: Readonly<Record<string, string>>
  readonly group: string
  /** Newest value of each feature; NaN, or no entry, where it is not known. */
  readonly features: ReadonlyMap<string, number>
  /** Whether the detectors call the target anomalous, after hysteresis. */
  readonly anomalous: boolean
  /** NaN while warming up, and for a target that only alerts speak of. */
  readonly level: number
  readonly severity: number
  /** The autoencoder's error. */
  readonly score: number
  /** Calibrated to 0–1; NaN before a detector is ready. */
  readonly detectors: Readonly<Record<DetectorName, number>>
  /** Strongest first. */
  readonly contributions: readonly Contribution[]
  /** The alerts that fire now. */
  readonly alerts: readonly FiringAlert[]
  /** The target's group now: how many of it there are, and how many of them have an incident. Undefined where unknown. */
  readonly peers?: { readonly group: string; readonly anomalous: number; readonly size: number }
}

export interface FiringAlert {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** ms since the epoch */
  readonly startsAt: number
}
