import type { Contribution } from '../domain/verdict.ts'

/**
 * Sorts the parts of an error by size.
 *
 * @param errorOf part of feature f, ≥ 0
 * @param row the reading, from `offset` on
 * @param expectedOf what was expected of feature f, in its own unit
 * @returns all features, strongest first; shares add up to 1, or are all 0 when there is no error
 */
export function contributionsOf(
  names: readonly string[],
  errorOf: (feature: number) => number,
  row: ArrayLike<number>,
  offset: number,
  expectedOf: (feature: number) => number,
): Contribution[] {
  const errors = names.map((_, f) => errorOf(f))
  const total = errors.reduce((sum, error) => sum + error, 0)
  return names
    .map((feature, f) => ({
      feature,
      share: total > 0 ? errors[f] / total : 0,
      actual: row[offset + f],
      expected: expectedOf(f),
    }))
    .sort((a, b) => b.share - a.share)
}
