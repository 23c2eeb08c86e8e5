import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quantileOf } from './quantile.ts'

describe('a quantile', () => {
  // numpy.quantile([1, 2, 4, 8], …)
  it.each([
    [0, 1],
    [0.5, 3],
    [0.75, 5],
    [0.9, 6.8],
    [1, 8],
  ])('of 1, 2, 4, 8 at %d is %d', (p, expected) => {
    expect(quantileOf([1, 2, 4, 8], p)).toBeCloseTo(expected, 10)
  })

  it('of a single value is that value', () => {
    expect(quantileOf([7], 0.995)).toBe(7)
  })

  it('never falls as p grows', () => {
    const values = fc.array(fc.integer(), { minLength: 1 }).map((list) => list.sort((a, b) => a - b))
    const share = fc.double({ min: 0, max: 1, noNaN: true })

    fc.assert(
      fc.property(values, share, share, (sorted, p, q) => {
        expect(quantileOf(sorted, Math.min(p, q))).toBeLessThanOrEqual(quantileOf(sorted, Math.max(p, q)))
      }),
    )
  })
})
