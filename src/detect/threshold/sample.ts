/**
 * Checks a sample of errors, and sorts a copy.
 *
 * @param errors any numbers, in any order
 * @param least how many the method needs
 * @returns the errors in ascending order
 * @throws {RangeError} when there are too few, or one of them is NaN or infinite
 */
export function sortedSample(errors: ArrayLike<number>, least: number): Float64Array {
  if (errors.length < least) throw new RangeError(`needs ${least} or more errors, got ${errors.length}`)
  const sorted = Float64Array.from(errors)
  const bad = sorted.findIndex((error) => !Number.isFinite(error))
  if (bad >= 0) throw new RangeError(`error ${bad} is ${sorted[bad]}: only finite errors make a threshold`)
  return sorted.sort()
}

/** Mean and standard deviation (of the sample, n − 1); two passes, so that a large mean costs no digits. */
export function meanAndStd(values: Float64Array): { mean: number; std: number } {
  let sum = 0
  for (const value of values) sum += value
  const mean = sum / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  return { mean, std: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 }
}
