import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ErrorScale, meanOfThreeLargest, usualErrors } from './error-scale.ts'

const HOUR = 3_600_000

/** Usual errors of one feature whose errors were all 1. */
const ONES = usualErrors(new Float32Array(100).fill(1), 1)

function scaleOf(): ErrorScale {
  const scale = new ErrorScale(1)
  scale.grow(1)
  scale.reset(0, ONES)
  return scale
}

function normalized(scale: ErrorScale, at: number, error: number): number {
  const errors = Float32Array.of(error)
  scale.normalize(0, at, ONES, errors, 0)
  return errors[0]
}

describe('usual errors', () => {
  it('divide by the geometric mean of the 99 % quantile and three root mean squares', () => {
    const usual = usualErrors(
      Float32Array.from({ length: 101 }, (_, i) => i),
      1,
    )
    const squares = Array.from({ length: 101 }, (_, i) => i * i).reduce((sum, square) => sum + square, 0)

    expect(usual.high[0]).toBeCloseTo(99, 5)
    expect(usual.scale[0]).toBeCloseTo(Math.sqrt(99 * 3 * Math.sqrt(squares / 101)), 3)
    // 0 … 99, and 100 counted as 99.
    expect(usual.mean[0]).toBeCloseTo(((99 * 100) / 2 + 99) / 101, 4)
  })

  it('are never taken for smaller than 0.07 deviations', () => {
    const usual = usualErrors(new Float32Array(50), 1)

    expect([usual.high[0], usual.scale[0]].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([0.07, 0.07])
    expect(usual.mean[0]).toBe(0)
  })
})

describe('the error scale', () => {
  it('counts an error in units of what was usual in training', () => {
    // high = 1, three root mean squares = 3
    expect(normalized(scaleOf(), 0, 6)).toBeCloseTo(6 / Math.sqrt(1 * 3), 5)
  })

  it('follows errors that shrink, down to 0.7 of what was usual', () => {
    const scale = scaleOf()
    for (let hour = 0; hour < 240; hour++) normalized(scale, hour * HOUR, 0)

    expect(normalized(scale, 240 * HOUR, 1)).toBeCloseTo(1 / (0.7 * Math.sqrt(3)), 5)
  })

  it('forgets half in a day', () => {
    const scale = scaleOf()
    for (let hour = 0; hour <= 24; hour++) normalized(scale, hour * HOUR, 0)

    expect(scale.export(0)[0]).toBeCloseTo(1 / 2, 5)
  })

  it('counts no error for more than was usual at most, so that an incident does not change the scale', () => {
    const scale = scaleOf()
    for (let hour = 0; hour < 240; hour++) normalized(scale, hour * HOUR, 1_000)

    expect(normalized(scale, 240 * HOUR, 6)).toBeCloseTo(6 / Math.sqrt(1 * 3), 5)
  })

  it('lets the first reading after an outage speak for two hours at most', () => {
    const scale = scaleOf()
    normalized(scale, 0, 1)
    normalized(scale, 1_000 * HOUR, 0)

    expect(scale.export(0)[0]).toBeCloseTo(2 ** (-2 / 24), 5)
  })

  it('learns nothing from a clock that was set back', () => {
    const scale = scaleOf()
    normalized(scale, 1_000 * HOUR, 1)
    normalized(scale, 0, 0)

    expect(scale.export(0)[0]).toBe(1)
  })
})

describe('the mean of the three largest', () => {
  it('is that of a sorted list', () => {
    const numbers = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 12 })

    fc.assert(
      fc.property(numbers, (values) => {
        const largest = [...values].sort((a, b) => b - a).slice(0, 3)
        const mean = largest.reduce((sum, value) => sum + value, 0) / largest.length

        expect(meanOfThreeLargest([-1, ...values, 1e9], 1, values.length)).toBeCloseTo(mean, 6)
      }),
    )
  })

  it('is that of all where they are fewer', () => {
    expect(meanOfThreeLargest([3, 5], 0, 2)).toBe((3 + 5) / 2)
    expect(meanOfThreeLargest([4], 0, 1)).toBe(4)
  })
})
