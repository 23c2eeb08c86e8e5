import type { ModelFile, ModelTuning } from '../domain/model-file.ts'
import type { FitOptions } from '../train/fit-options.ts'
import { fingerprintOf } from '../train/model-codec.ts'

/** The options with the sizes and the learning rate that a search chose. */
export function withTunedSizes(fit: FitOptions, tuning: ModelTuning | undefined): FitOptions {
  if (tuning === undefined) return fit
  const { hidden, learning_rate } = tuning.chosen
  return { ...fit, plan: { ...fit.plan, hidden }, training: { ...fit.training, learningRate: learning_rate } }
}

/**
 * A model fitted with tuned sizes, marked as one of the configuration: the sizes are its own affair, and a daemon with
 * this configuration uses it.
 */
export function withTuning(file: ModelFile, tuning: ModelTuning | undefined, configured: FitOptions): ModelFile {
  if (tuning === undefined) return file
  return { ...file, card: { ...file.card, tuning, fingerprint: fingerprintOf(file.card.features, configured) } }
}
