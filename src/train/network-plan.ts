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

/** What the network has to give back, rows × width: the reading alone, without the context. */
export function targetsOf(rows: InputRows, plan: AutoencoderPlan, width: number): Float32Array {
  if (plan.scaling === 'deviations') return rows.capped
  if (!plan.context) return rows.autoencoderIn
  const inputs = autoencoderInputs(plan, width)
  const targets = new Float32Array((rows.autoencoderIn.length / inputs) * width)
  for (let to = 0, from = 0; to < targets.length; to += width, from += inputs) {
    targets.set(rows.autoencoderIn.subarray(from, from + width), to)
  }
  return targets
}

/**
 * Where a network starts from. With a context it stands in an ensemble that decides on alarms, and starts from the same
 * weights whatever the seed: a verdict should not hang on a draw. The plain one is what the seed makes it.
 */
export function networkRandom({ plan, seed, start }: FitOptions): Random {
  return createRandom(start ?? (plan.context ? ENSEMBLE_START : seed))
}

const ENSEMBLE_START = 1
