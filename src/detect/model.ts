import type { UsualErrors } from './error-scale.ts'
import type { Linear, Network } from './kernel/kernel.ts'
import type { RecentPastState } from './recent-past.ts'
import type { Scaler } from './scaler.ts'

/**
 * The detectors with a model, each an expectation of the current reading.
 * - `autoencoder`: what a narrow network can reproduce of it
 * - `forecast`: ridge regression from the recent past
 * - `baseline`: the average of the last hours
 */
export const MEMBERS = ['autoencoder', 'forecast', 'baseline'] as const
export type Member = (typeof MEMBERS)[number]

export function byMember<T>(make: (member: Member) => T): Record<Member, T> {
  return { autoencoder: make('autoencoder'), forecast: make('forecast'), baseline: make('baseline') }
}

export interface AutoencoderPlan {
  /** Hidden layer sizes. */
  readonly hidden: readonly number[]
  /** Whether the network sees, beside the reading, the reading of a quarter of an hour ago and the last hour's average. */
  readonly context: boolean
  /** `minmax`: features in [0, 1] of their training range, sigmoid output. `deviations`: linear output. */
  readonly scaling: 'minmax' | 'deviations'
}

/** How to read one member's errors. */
export interface MemberCalibration {
  readonly usual: UsualErrors
  /** The 99.5 % quantile of its smoothed score in training: 1 afterwards. */
  readonly reference: number
  /** The 99.9 % quantile of its score before smoothing: 1 afterwards. */
  readonly suddenReference: number
  /** Its part in the combined score; the parts of all members add up to 1. */
  readonly weight: number
}

/** What training finds; shared by all targets of a group, or one target's own. */
export interface ModelWeights {
  readonly names: readonly string[]
  readonly plan: AutoencoderPlan
  readonly autoencoder: Network
  readonly forecast: Linear
  readonly members: Readonly<Record<Member, MemberCalibration>>
}

/** A target's share: its own scaling, and what its recent past was when training ended. */
export interface TargetModel {
  readonly weights: ModelWeights
  readonly scaler: Scaler
  readonly memory?: ScorerMemory
}

/** What scoring remembers of one target from reading to reading. */
export interface ScorerMemory {
  readonly past: RecentPastState
  /** By member: errors that were usual lately. */
  readonly errors: Readonly<Record<Member, Float32Array>>
  /** By member, in the order of MEMBERS: the smoothed score; then the time of the last reading. */
  readonly smoothed: Float64Array
}

/** Inputs of the autoencoder for `width` features. */
export function autoencoderInputs(plan: AutoencoderPlan, width: number): number {
  return plan.context ? 3 * width : width
}

/** Inputs of the forecast: reading a quarter of an hour ago, averages of an hour and a day, and 1. */
export function forecastInputs(width: number): number {
  return 3 * width + 1
}
