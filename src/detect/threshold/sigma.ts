import { meanAndStd, sortedSample } from './sample.ts'

/**
 * Mean + k·σ of the errors, with σ of the sample (n − 1). Equal errors give their own value.
 *
 * @param sigmas k, ≥ 0; A9 asks for 3
 * @throws {RangeError} for fewer than 2 errors, one that is not finite, or a negative k
 */
export function sigmaThreshold(errors: ArrayLike<number>, sigmas = 3): number {
  if (!(sigmas >= 0)) throw new RangeError(`a threshold lies 0 or more sigmas above the mean, got ${sigmas}`)
  const { mean, std } = meanAndStd(sortedSample(errors, 2))
  return mean + sigmas * std
}
