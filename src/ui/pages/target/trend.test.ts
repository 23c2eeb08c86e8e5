import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { trendOf } from './trend.ts'

const STEP = 15_000
const samples = (values: readonly (number | null)[]) => values.map((value, i) => ({ at: i * STEP, value }))
/** A little to and fro, the same each time. */
const wobble = (i: number) => [0.3, -0.2, 0.1, -0.4, 0.2][i % 5]

describe('trendOf', () => {
  it('says since when a feature rises', () => {
    const flat = Array.from({ length: 40 }, (_, i) => 46 + wobble(i))
    const rise = Array.from({ length: 24 }, (_, i) => 46 + 2 * i + wobble(i))

    const trend = trendOf(samples([...flat, ...rise]))

    expect(trend?.direction).toBe('rising')
    expect(Math.abs((trend?.since ?? 0) - 40 * STEP)).toBeLessThanOrEqual(4 * STEP)
  })

  it('does not count the time before, in which it went to and fro', () => {
    const before = Array.from({ length: 200 }, (_, i) => 46 + Math.sin(i))
    const rise = Array.from({ length: 24 }, (_, i) => 46 + 2 * i)

    const trend = trendOf(samples([...before, ...rise]))

    expect(Math.abs((trend?.since ?? 0) - 200 * STEP)).toBeLessThanOrEqual(4 * STEP)
  })

  it('says so of a fall, too', () => {
    const fall = Array.from({ length: 30 }, (_, i) => 120 - 3 * i + wobble(i))

    expect(trendOf(samples(fall))?.direction).toBe('falling')
  })

  it('does not call a trend what goes to and fro', () => {
    const noise = Array.from({ length: 60 }, (_, i) => 46 + 10 * wobble(i))

    expect(trendOf(samples(noise))).toBeUndefined()
  })

  it('knows nothing of a few readings, or of none', () => {
    expect(trendOf(samples([1, 2, 3]))).toBeUndefined()
    expect(trendOf([])).toBeUndefined()
    expect(trendOf(samples([null, null]))).toBeUndefined()
  })

  it('has none where nothing moves', () => {
    expect(trendOf(samples(Array.from({ length: 50 }, () => 7)))).toBeUndefined()
  })

  it('never begins before the first reading', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 80 }), (values) => {
        const trend = trendOf(samples(values))

        expect(trend === undefined || (trend.since >= 0 && trend.since <= (values.length - 1) * STEP)).toBe(true)
      }),
    )
  })
})
