import { describe, expect, it } from 'vitest'
import { predictionQuantile, studentQuantile } from './student.ts'

describe("Student's t", () => {
  // scipy.stats.t.isf(p / 2, degrees), scipy 1.10
  it.each([
    [4, 1e-2, 4.604095],
    [4, 1e-6, 49.458637],
    [9, 1e-4, 6.593683],
    [29, 1e-2, 2.756386],
    [29, 1e-6, 6.170056],
    [29, 1e-8, 7.91262],
  ])('with %i degrees of freedom exceeds its quantile with probability %d', (degrees, p, expected) => {
    expect(Math.abs(studentQuantile(p, degrees) / expected - 1)).toBeLessThan(0.01)
  })

  it('asks for a larger distance when fewer readings stand behind the mean', () => {
    const distances = [30, 20, 10, 5].map((count) => predictionQuantile(1e-5, count))

    expect(distances).toEqual([...distances].sort((a, b) => a - b))
  })
})
