import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketQuantile } from './histogram.ts'

function buckets(counts: Readonly<Record<string, number>>, more: Readonly<Record<string, string>> = {}) {
  const signatures = Object.keys(counts).map((le) => JSON.stringify(Object.entries({ instance: 'a', le, ...more })))
  return { signatures, values: Object.values(counts) }
}

describe('bucketQuantile', () => {
  it('draws straight lines between the bounds', () => {
    const some = buckets({ '0.1': 50, '0.5': 90, '+Inf': 100 })

    expect(bucketQuantile(0.5, some)).toBeCloseTo(0.1)
    expect(bucketQuantile(0.7, some)).toBeCloseTo(0.3)
    expect(bucketQuantile(0.25, some)).toBeCloseTo(0.05)
  })

  it('knows no more than the last bound for what lies beyond it', () => {
    expect(bucketQuantile(0.95, buckets({ '0.1': 50, '0.5': 90, '+Inf': 100 }))).toBe(0.5)
  })

  it('takes the series of a bound together', () => {
    const one = buckets({ '0.1': 10, '0.5': 10, '+Inf': 10 }, { path: '/a' })
    const other = buckets({ '0.1': 0, '0.5': 10, '+Inf': 10 }, { path: '/b' })
    const both = { signatures: [...one.signatures, ...other.signatures], values: [...one.values, ...other.values] }

    expect(bucketQuantile(0.75, both)).toBeCloseTo(0.3)
  })

  it.each([
    ['without observations', { '0.1': 0, '+Inf': 0 }],
    ['without a bucket for all', { '0.1': 5, '0.5': 9 }],
    ['with one bucket alone', { '+Inf': 9 }],
    ['without any', {}],
  ])('knows nothing %s', (_, counts) => {
    expect(bucketQuantile(0.95, buckets(counts))).toBeNaN()
  })

  it('lies within the bounds and never falls as the quantile rises, even where buckets contradict each other', () => {
    const counts = fc.array(fc.nat({ max: 1000 }), { minLength: 5, maxLength: 5 })
    fc.assert(
      fc.property(counts, fc.array(fc.double({ min: 0.001, max: 1, noNaN: true })), (values, quantiles) => {
        const bounds = ['0.01', '0.1', '1', '10', '+Inf']
        const some = buckets(Object.fromEntries(bounds.map((le, i) => [le, values[i]])))

        const found = quantiles.toSorted((a, b) => a - b).map((one) => bucketQuantile(one, some))

        if (Math.max(...values) === 0) expect(found.every(Number.isNaN)).toBe(true)
        else {
          expect(found).toEqual(found.toSorted((a, b) => a - b))
          expect(found.every((one) => one >= 0 && one <= 10)).toBe(true)
        }
      }),
    )
  })
})
