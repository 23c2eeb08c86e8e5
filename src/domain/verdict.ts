import type { Target } from './target.ts'

/** Why a target has, or has not, a score: `warming_up` until a first detector is ready, `stale` without new samples. */
export type TargetState = 'fresh' | 'warming_up' | 'stale'

/** The detectors that score a target, in the order in which they become ready. */
export const DETECTORS = ['zscore', 'isolation_forest', 'autoencoder', 'forecast', 'baseline'] as const
export type DetectorName = (typeof DETECTORS)[number]

/** One feature's part in a score. */
export interface Contribution {
  readonly feature: string
  /** Part of the whole error, 0–1; the shares of all features add up to 1. */
  readonly share: number
  readonly actual: number
  /** What the models expected, in the feature's own unit; NaN where no model has an expectation yet. */
  readonly expected: number
}

/** When a resource will be used up if it goes on filling as it does. */
export interface Exhaustion {
  /** The feature that is its used share. */
  readonly resource: string
  /** Seconds from the tick of the verdict on, ≥ 0; 0 when it is full. */
  readonly seconds: number
  /** 95 % interval of `seconds`. */
  readonly low: number
  readonly high: number
}

/**
 * What detection says of one target at one tick. A *score* is a detector's number, an *anomaly* a score beyond its
 * threshold, held by hysteresis.
 */
export interface Verdict {
  readonly target: Target
  readonly state: TargetState
  /** ms since the epoch of the reading behind the verdict. */
  readonly at: number
  /** The autoencoder's reconstruction error (mean squared error over scaled features), ≥ 0; NaN before it is ready. */
  readonly score: number
  /** Threshold for `score`, same scale; NaN before it is known. */
  readonly threshold: number
  /** All detectors combined, before any threshold, ≥ 0, unbounded; NaN while warming up. */
  readonly combined: number
  /**
   * In units of the threshold in force: above 1 is an alarm; ≥ 0, unbounded; NaN while warming up. A resource about to
   * be used up raises it.
   */
  readonly level: number
  /** 1 − 2^(−level): 0 normal, 0.5 at the threshold, towards 1 certain; NaN while warming up. */
  readonly severity: number
  /** After hysteresis. */
  readonly detected: boolean
  /** Each detector's score calibrated to 0–1; NaN before it is ready. */
  readonly detectors: Readonly<Record<DetectorName, number>>
  /** Strongest first; every feature for a target with an anomaly, and on demand. */
  readonly contributions: readonly Contribution[]
  /** Resources that are filling significantly, the soonest used up first. */
  readonly exhaustion: readonly Exhaustion[]
  /** Set when an anomaly ended although its score did not fall: the threshold rose, the new level counts as normal. */
  readonly adopted?: true
  /**
   * How far the inputs have moved since training: root mean square over the features of the last day's average in
   * deviations, 0–8; NaN without a model.
   */
  readonly drift: number
}

/** Severity of a level, 1 − 2^(−level). */
export function severityOf(level: number): number {
  return 1 - 2 ** -level
}
