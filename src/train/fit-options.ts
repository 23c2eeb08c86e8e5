import type { AutoencoderPlan } from '../detect/model.ts'
import { fitScaler, type Scaler } from '../detect/scaler.ts'
import type { ThresholdPlan } from '../detect/threshold/from-errors.ts'
import type { AutoencoderTraining } from './autoencoder.ts'

/** How a model is fitted. */
export interface FitOptions {
  readonly plan: AutoencoderPlan
  readonly training: AutoencoderTraining
  /** Newest share of the rows that is kept from the network while its length of training is chosen, 0–1. */
  readonly validation: number
  /** Time between live readings. */
  readonly intervalMs: number
  /** Smallest change that matters, for each feature. */
  readonly resolution: ArrayLike<number>
  readonly threshold: ThresholdPlan
  readonly seed: number
  /** Draws other starting weights, where several runs of one network are compared. */
  readonly start?: number
  /** Parts of the scaling that are given and not fitted: a network that was made elsewhere knows its own. */
  readonly given?: Partial<Scaler>
}

/**
 * How a target's features are scaled, from its training rows and what is given. A feature without a single training value
 * scales to 0 also where a scaling of it is given: nothing would tell what is usual for it.
 */
export function scalerFor(rows: Float32Array, width: number, { resolution, given = {} }: FitOptions): Scaler {
  const fitted = fitScaler(rows, width, resolution)
  const known = (part: Float32Array | undefined, own: Float32Array) =>
    part === undefined ? own : own.map((value, f) => (Number.isFinite(fitted.spread[f]) ? part[f] : value))
  return {
    minimum: known(given.minimum, fitted.minimum),
    range: known(given.range, fitted.range),
    center: known(given.center, fitted.center),
    spread: known(given.spread, fitted.spread),
    median: known(given.median, fitted.median),
  }
}
