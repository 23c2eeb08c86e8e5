import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPoints, type Points } from './blocks.ts'
import { fitTrend } from './trend.ts'

/** One point a second. */
function points(values: readonly number[]): Points {
  const points = createPoints()
  for (const [i, value] of values.entries()) {
    points.at[i] = 1.7e12 + i * 1000
    points.value[i] = value
  }
  points.count = values.length
  return points
}

describe('the line', () => {
  it('is found exactly where the points lie on one', () => {
    const trend = fitTrend(points([1, 3, 5, 7, 9, 11, 13, 15]))

    expect(trend).toMatchObject({ slope: 2, slopeLow: 2, slopeHigh: 2, level: 15, spread: 0 })
  })

  it('is not moved by a stray point', () => {
    const { slope, level } = fitTrend(points([1, 3, 5, 700, 9, 11, 13, 15]))

    expect(slope).toBe(2)
    expect(level).toBe(15)
  })

  it('has its slope inside the interval', () => {
    const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 12 })
    fc.assert(
      fc.property(values, (values) => {
        const { slope, slopeLow, slopeHigh } = fitTrend(points(values))
        return slopeLow <= slope && slope <= slopeHigh
      }),
    )
  })
})

describe('the trend test', () => {
  it('is Kendall’s sum over its deviation, by hand', () => {
    // All 28 pairs of 8 values rise; variance 8 · 7 · (2 · 8 + 5) / 18; one is taken off the sum for continuity.
    expect(fitTrend(points([1, 2, 3, 4, 5, 6, 7, 8])).z).toBeCloseTo((28 - 1) / Math.sqrt((8 * 7 * 21) / 18), 12)
  })

  it('allows for ties', () => {
    // Two groups of four: 16 pairs rise; each group takes 4 · 3 · (2 · 4 + 5) off.
    const { z } = fitTrend(points([1, 1, 1, 1, 2, 2, 2, 2]))

    expect(Math.abs(z)).toBeLessThanOrEqual((16 - 1) / Math.sqrt((8 * 7 * 21 - 2 * 4 * 3 * 13) / 18))
  })

  it('is 0 for equal values', () => {
    expect(fitTrend(points([3, 3, 3, 3, 3, 3, 3])).z).toBe(0)
  })

  it('changes its sign with the direction', () => {
    const values = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 3, maxLength: 12 })
    fc.assert(
      fc.property(values, (values) => {
        const up = fitTrend(points(values)).z
        const down = fitTrend(points(values.map((value) => -value))).z
        expect(up).toBeCloseTo(-down, 9)
      }),
    )
  })

  it('trusts points that cling together less than points that scatter', () => {
    const scattered = fitTrend(points([0, 5, 1, 6, 3, 8, 4, 9, 6, 11, 7, 12]))
    const clinging = fitTrend(points([0, 1, 3, 5, 6, 6, 6, 6, 7, 9, 11, 12].map((y, i) => y + 3 * Math.sin(i / 2))))

    expect(clinging.z).toBeLessThan(scattered.z * 1.2)
  })
})
