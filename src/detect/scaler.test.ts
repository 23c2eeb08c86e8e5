import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitScaler, fromDeviation, type Scaler, toDeviations } from './scaler.ts'

/** Fits one feature. */
function scalerOf(values: readonly number[], resolution = 0): Scaler {
  return fitScaler(Float32Array.from(values), 1, [resolution])
}

function deviation(scaler: Scaler, value: number): number {
  const out = new Float32Array(1)
  toDeviations(scaler, [value], 0, out, 0)
  return out[0]
}

describe('the scaler', () => {
  it('counts in standard deviations from the mean', () => {
    const scaler = scalerOf([1, 3, 1, 3])

    expect(scaler.center[0]).toBe(2)
    expect(scaler.spread[0]).toBe(Math.sqrt((1 + 1 + 1 + 1) / 4))
    expect(deviation(scaler, 4)).toBe((4 - 2) / 1)
  })

  it('knows the range of training', () => {
    const scaler = scalerOf([5, 15, 10])

    expect([scaler.minimum[0], scaler.range[0], scaler.median[0]]).toEqual([5, 15 - 5, 10])
  })

  it('takes no spread for smaller than a tenth of the range', () => {
    const mostlyStill = [...Array.from({ length: 999 }, () => 0), 10]

    expect(scalerOf(mostlyStill).spread[0]).toBeCloseTo(0.1 * 10, 6)
  })

  it('takes no spread and no range for smaller than the resolution', () => {
    const scaler = scalerOf([7, 7.5, 8], 20)

    expect([scaler.spread[0], scaler.range[0]]).toEqual([20, 20])
  })

  it('lets its size, or 1, stand for the range of a feature that never moved', () => {
    expect(scalerOf([500, 500]).range[0]).toBe(500)
    expect(scalerOf([-500, -500]).range[0]).toBe(500)
    expect(scalerOf([0, 0, 0]).range[0]).toBe(1)
    expect(deviation(scalerOf([0, 0, 0]), 0)).toBe(0)
    expect(deviation(scalerOf([0, 0, 0]), 1)).toBeCloseTo(1 / (0.1 * 1), 5)
  })

  it('counts a missing value as the median', () => {
    const scaler = scalerOf([0, 1, 11, Number.NaN])

    expect(deviation(scaler, Number.NaN)).toBe(deviation(scaler, 1))
  })

  it('scales a feature without any training value to 0, whatever it does later', () => {
    const scaler = scalerOf([Number.NaN, Number.NaN])

    for (const value of [0, 1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(deviation(scaler, value)).toBe(0)
    }
    expect(fromDeviation(scaler, 0, 0)).toBeNaN()
  })

  it('learns nothing from infinite readings, and counts them as far out', () => {
    const scaler = scalerOf([1, 3, 1, 3, Number.POSITIVE_INFINITY])

    expect(scaler).toEqual(scalerOf([1, 3, 1, 3]))
    expect(deviation(scaler, Number.POSITIVE_INFINITY)).toBe(20)
    expect(deviation(scaler, Number.NEGATIVE_INFINITY)).toBe(-20)
  })

  it('gives deviations within ±20 for any rows and any reading', () => {
    const value = fc.float()

    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), fc.double(), (values, reading) => {
        expect(Math.abs(deviation(scalerOf(values), reading))).toBeLessThanOrEqual(20)
      }),
    )
  })

  it('does not depend on the order of the rows', () => {
    const value = fc.integer({ min: -1_000, max: 1_000 })

    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
        expect(scalerOf([...values].reverse())).toEqual(scalerOf(values))
      }),
    )
  })

  it('finds its way back from a deviation', () => {
    const scaler = scalerOf([10, 20, 60])

    expect(fromDeviation(scaler, 0, deviation(scaler, 25))).toBeCloseTo(25, 4)
  })

  it('keeps features apart', () => {
    const scaler = fitScaler(Float32Array.of(1, 100, 3, 300), 2, [0, 0])
    const out = new Float32Array(3)

    toDeviations(scaler, [9, 4, 400], 1, out, 1)

    expect([...out]).toEqual([0, (4 - 2) / 1, (400 - 200) / 100])
  })
})
