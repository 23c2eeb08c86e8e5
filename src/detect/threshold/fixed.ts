/**
 * A threshold that a person chose, such as the 0.1998 of A9.
 *
 * @throws {RangeError} unless it is a finite number above 0: nothing can be measured in units of another
 */
export function fixedThreshold(value: number): number {
  if (!(value > 0 && Number.isFinite(value)))
    throw new RangeError(`a fixed threshold is a number above 0, got ${value}`)
  return value
}
