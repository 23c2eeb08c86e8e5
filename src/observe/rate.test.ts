import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { increase } from './rate.ts'

describe('increase', () => {
  it('extends the rise between the samples to the edges of the window', () => {
    const times = [15_000, 30_000, 45_000, 60_000]

    expect(increase(times, [100, 110, 120, 130], 60_000, 60_000)).toBeCloseTo((30 * 60) / 45)
  })

  it('extends by half a sample distance where the samples end far from the edge', () => {
    const covered = 20
    expect(increase([10_000, 20_000, 30_000], [100, 110, 120], 60_000, 60_000)).toBeCloseTo(
      (20 * (covered + 10 + 5)) / covered,
    )
  })

  it('does not extend a counter below zero', () => {
    const toZero = 15 * (1 / 10)
    expect(increase([15_000, 30_000], [1, 11], 30_000, 30_000)).toBeCloseTo((10 * (15 + toZero)) / 15)
  })

  it('adds back what a reset took away', () => {
    const rise = 10 + 5 + 10
    expect(increase([0, 10_000, 20_000, 30_000], [90, 100, 5, 15], 30_000, 30_001)).toBeCloseTo(rise, 2)
  })

  it('needs two samples inside the window, of which the start is outside', () => {
    expect(increase([], [], 60_000, 60_000)).toBeNaN()
    expect(increase([50_000], [1], 60_000, 60_000)).toBeNaN()
    expect(increase([0, 50_000], [1, 2], 60_000, 60_000)).toBeNaN()
    expect(increase([10_000, 70_000], [1, 2], 60_000, 60_000)).toBeNaN()
  })

  it('is never negative, and zero for a counter that stands still', () => {
    const samples = fc.array(fc.nat(1e9), { minLength: 2, maxLength: 20 })
    fc.assert(
      fc.property(samples, (values) => {
        const times = values.map((_, i) => 1000 * (i + 1))
        return increase(times, values, values.length * 1000, 30_000) >= 0
      }),
    )
    expect(increase([15_000, 30_000], [7, 7], 30_000, 30_000)).toBe(0)
  })
})
