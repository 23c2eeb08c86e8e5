import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeShort, encodeShort, NOTHING } from './short-float.ts'

describe('a short number', () => {
  it('is true to a five-hundredth', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-30, max: 1e30, noNaN: true }), (value) => {
        expect(Math.abs(decodeShort(encodeShort(value)) - value) / value).toBeLessThan(1 / 500)
      }),
    )
  })

  it('keeps 0 and small whole numbers as they are, and the order of all', () => {
    for (const value of [0, 0.5, 1, 2, 3, 100, 255, 256]) expect(decodeShort(encodeShort(value))).toBe(value)
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true }), fc.double({ min: 0, noNaN: true }), (a, b) => {
        expect(encodeShort(Math.min(a, b))).toBeLessThanOrEqual(encodeShort(Math.max(a, b)))
      }),
    )
  })

  it('is none for what is none, and for what lies below 0', () => {
    expect([Number.NaN, -1].map(encodeShort)).toEqual([NOTHING, NOTHING])
    expect(decodeShort(NOTHING)).toBeNaN()
  })
})
