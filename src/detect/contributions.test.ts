import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contributionsOf } from './contributions.ts'

describe('contributions', () => {
  it('come strongest first, each with its share, the reading and what was expected', () => {
    const found = contributionsOf(
      ['a', 'b', 'c'],
      (f) => [1, 3, 0][f],
      [0, 10, 20, 30],
      1,
      (f) => f,
    )

    expect(found).toEqual([
      { feature: 'b', share: 3 / (1 + 3 + 0), actual: 20, expected: 1 },
      { feature: 'a', share: 1 / (1 + 3 + 0), actual: 10, expected: 0 },
      { feature: 'c', share: 0, actual: 30, expected: 2 },
    ])
  })

  it('have no shares where there is no error', () => {
    expect(
      contributionsOf(
        ['a', 'b'],
        () => 0,
        [1, 2],
        0,
        () => 1,
      ).map(({ share }) => share),
    ).toEqual([0, 0])
  })

  it('add up to the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 9 }), (errors) => {
        const names = errors.map((_, f) => `f${f}`)
        const shares = contributionsOf(
          names,
          (f) => errors[f],
          errors,
          0,
          () => 0,
        ).map(({ share }) => share)

        expect(shares).toEqual([...shares].sort((a, b) => b - a))
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(Math.max(...errors) > 0 ? 1 : 0, 6)
      }),
    )
  })
})
