import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalProbability, normalQuantile, normalUpperTail } from './normal-distribution.ts'

describe('normal distribution', () => {
  it.each([
    // scipy.stats.norm.sf
    [-3, 0.9986501019683699],
    [-1, 0.8413447460685429],
    [0, 0.5],
    [0.5, 0.3085375387259869],
    [2.9, 0.0018658133003840375],
    [3.1, 0.0009676032132183563],
    [6, 9.865876450376946e-10],
    [10, 7.61985302416047e-24],
  ])('has the upper tail of scipy at %d', (z, expected) => {
    expect(normalUpperTail(z) / expected).toBeCloseTo(1, 11)
  })

  it('finds the quantile that has the probability', () => {
    const probability = fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true })

    fc.assert(fc.property(probability, (p) => Math.abs(normalProbability(normalQuantile(p)) - p) < 1e-12))
  })

  it('refuses a probability of 0 or 1', () => {
    expect(() => normalQuantile(0)).toThrow(RangeError)
    expect(() => normalQuantile(1)).toThrow(RangeError)
  })
})
