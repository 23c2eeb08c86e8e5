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

/** How a target's features are scaled, from its training rows and what is given. */
export function scalerFor(rows: Float32Array, width: number, { resolution, given }: FitOptions): Scaler {
  return { ...fitScaler(rows, width, resolution), ...given }
}
