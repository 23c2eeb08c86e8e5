import { type KolmogorovSmirnov, kolmogorovSmirnov } from './kolmogorov-smirnov.ts'
import { percentileThreshold } from './percentile.ts'
import { type ShapiroWilk, shapiroWilk } from './shapiro-wilk.ts'
import { sigmaThreshold } from './sigma.ts'

export interface NormalityOptions {
  /** Significance of both tests: a sample is called normal when neither p is below it. */
  readonly alpha: number
  /** k of mean + k·σ for normal errors. */
  readonly sigmas: number
  /** 95, 99 or 99.5 for the others. */
  readonly percentile: number
}

export const NORMALITY_DEFAULTS: NormalityOptions = { alpha: 0.05, sigmas: 3, percentile: 99 }

/** A threshold with the reason for it, as a model card shows it. */
export interface NormalityThreshold {
  readonly threshold: number
  readonly rule: 'sigma' | 'percentile'
  readonly shapiroWilk: ShapiroWilk
  readonly kolmogorovSmirnov: KolmogorovSmirnov
}

/**
 * The rule of A9: mean + 3σ of the validation errors when both Shapiro–Wilk and Kolmogorov–Smirnov find them normal,
 * else a percentile. Equal errors are not normal: their threshold is their own value.
 *
 * @param errors reconstruction errors of validation rows, 3 or more finite numbers
 * @throws {RangeError} with fewer errors, or when one is NaN or infinite
 */
export function normalityThreshold(
  errors: ArrayLike<number>,
  options: Partial<NormalityOptions> = {},
): NormalityThreshold {
  const { alpha, sigmas, percentile } = { ...NORMALITY_DEFAULTS, ...options }
  const shapiro = shapiroWilk(errors)
  const kolmogorov = kolmogorovSmirnov(errors)
  const normal = shapiro.p >= alpha && kolmogorov.p >= alpha
  return {
    threshold: normal ? sigmaThreshold(errors, sigmas) : percentileThreshold(errors, percentile),
    rule: normal ? 'sigma' : 'percentile',
    shapiroWilk: shapiro,
    kolmogorovSmirnov: kolmogorov,
  }
}
