import { fixedThreshold } from './fixed.ts'
import { type NormalityThreshold, normalityThreshold } from './normality.ts'
import { percentileThreshold } from './percentile.ts'
import { sigmaThreshold } from './sigma.ts'

/** How the threshold for the autoencoder's error is chosen. `budget` and `any` do not look at validation errors. */
export type ThresholdPlan =
  | { readonly mode: 'normality'; readonly sigmas: number; readonly percentile: number }
  | { readonly mode: 'sigma'; readonly sigmas: number }
  | { readonly mode: 'percentile'; readonly percentile: number }
  | { readonly mode: 'fixed'; readonly value: number }
  | { readonly mode: 'budget' | 'any' }

export interface ThresholdChoice {
  /** For the reconstruction error, same scale; NaN in modes `budget` and `any`. */
  readonly value: number
  readonly mode: ThresholdPlan['mode']
  /** Which tests chose which rule, in mode `normality`. */
  readonly tests?: Omit<NormalityThreshold, 'threshold'>
}

/**
 * @param errors the reconstruction errors of rows that the network was not trained on
 * @throws {RangeError} where there are too few errors for the rule: 3 for `normality`, 2 for `sigma`, else 1
 */
export function thresholdFromErrors(plan: ThresholdPlan, errors: ArrayLike<number>): ThresholdChoice {
  switch (plan.mode) {
    case 'normality': {
      const { threshold, ...tests } = normalityThreshold(errors, plan)
      return { value: threshold, mode: plan.mode, tests }
    }
    case 'sigma':
      return { value: sigmaThreshold(errors, plan.sigmas), mode: plan.mode }
    case 'percentile':
      return { value: percentileThreshold(errors, plan.percentile), mode: plan.mode }
    case 'fixed':
      return { value: fixedThreshold(plan.value), mode: plan.mode }
    case 'budget':
    case 'any':
      return { value: Number.NaN, mode: plan.mode }
  }
}
