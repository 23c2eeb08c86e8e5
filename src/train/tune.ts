import type { Kernel } from '../detect/kernel/kernel.ts'
import type { ModelTrial } from '../domain/model-file.ts'
import type { Random } from '../domain/random.ts'
import type { TrainingSet } from '../domain/training-set.ts'
import type { OnEpoch } from './autoencoder.ts'
import type { FitOptions } from './fit-options.ts'
import { runTrial } from './trial.ts'

/** Sizes of the outer and the inner hidden layers that are drawn from, both ends inside. */
const OUTER = [8, 32] as const
const INNER = [4, 16] as const
const LEARNING_RATES = [1e-3, 1e-4] as const

/** Draws so many different networks, outer-inner-outer, the inner layer narrower than the outer ones. */
export function drawTrials(count: number, random: Random): ModelTrial[] {
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1))
  const drawn = new Map<string, ModelTrial>()
  while (drawn.size < count) {
    const outer = between(...OUTER)
    const inner = between(INNER[0], Math.min(INNER[1], outer - 1))
    const learningRate = LEARNING_RATES[between(0, LEARNING_RATES.length - 1)]
    const key = `${outer} ${inner} ${learningRate}`
    drawn.set(key, { hidden: [outer, inner, outer], learning_rate: learningRate, validation_losses: [] })
  }
  return [...drawn.values()]
}

/** The validation loss of one network of a search, on the newest rows of every target. */
export function validationLoss(
  sets: readonly TrainingSet[],
  options: FitOptions,
  kernel: Kernel,
  onEpoch: OnEpoch,
): number {
  const { losses, bestEpoch } = runTrial(sets, sets[0].names.length, options, kernel, onEpoch)
  return losses.validation[bestEpoch - 1]
}

export function meanLoss({ validation_losses }: ModelTrial): number {
  return validation_losses.reduce((sum, loss) => sum + loss, 0) / validation_losses.length
}

/** The trial with the lowest mean validation loss; a loss that is no number loses. */
export function bestTrial(trials: readonly ModelTrial[]): ModelTrial {
  const worth = (trial: ModelTrial) => {
    const loss = meanLoss(trial)
    return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss
  }
  return trials.reduce((best, trial) => (worth(trial) < worth(best) ? trial : best))
}
