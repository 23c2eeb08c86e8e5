import type { NetworkShape } from '../detect/kernel/kernel.ts'
import { type AutoencoderPlan, autoencoderInputs } from '../detect/model.ts'
import type { InputRows } from '../detect/model-inputs.ts'
import { createRandom, type Random } from '../domain/random.ts'
import type { FitOptions } from './fit-options.ts'

/** The autoencoder's layers for `width` features; a sigmoid at the end where features are scaled to [0, 1]. */
export function shapeOf(plan: AutoencoderPlan, width: number): NetworkShape {
  const output = plan.scaling === 'minmax' ? 'sigmoid' : 'linear'
  return { sizes: [autoencoderInputs(plan, width), ...plan.hidden, width], output }
}

/** What the network has to give back: the reading alone, without the context. A context stands only beside deviations. */
export function targetsOf(rows: InputRows, plan: AutoencoderPlan): Float32Array {
  return plan.scaling === 'minmax' ? rows.autoencoderIn : rows.capped
}

/**
 * Where a network starts from. With a context it stands in an ensemble that decides on alarms, and starts from the same
 * weights whatever the seed: a verdict should not hang on a draw. The plain one is what the seed makes it.
 */
export function networkRandom({ plan, seed, start }: FitOptions): Random {
  return createRandom(start ?? (plan.context ? ENSEMBLE_START : seed))
}

const ENSEMBLE_START = 1
