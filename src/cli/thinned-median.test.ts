import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createThinnedMedian } from './thinned-median.ts'

function medianOf(values: readonly number[]): number {
  const median = createThinnedMedian()
  for (const value of values) median.add(value)
  return median.median()
}

it('is exact while values are few', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 900 }),
      (values) => {
        const sorted = Float64Array.from(values).sort()
        return medianOf(values) === sorted[Math.floor((values.length - 1) / 2)]
      },
    ),
    { numRuns: 30 },
  )
})

it('stays near the middle of a long ramp', () => {
  const ramp = Array.from({ length: 100_000 }, (_, i) => i)

  expect(Math.abs(medianOf(ramp) - 50_000)).toBeLessThan(0.01 * 100_000)
})

it('has nothing to say without values', () => {
  expect(medianOf([])).toBeNaN()
})
