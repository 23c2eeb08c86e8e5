import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linesWithin, offsetsOf } from './windowing.ts'

describe('lines on the screen', () => {
  const offsets = offsetsOf([28, 24, 24, 24])

  it('begin with the one that is cut off above, and end with the one cut off below', () => {
    expect(offsets).toEqual([0, 28, 52, 76, 100])
    expect(linesWithin(offsets, 30, 60)).toEqual([1, 3])
  })

  it('are none where the screen is elsewhere', () => {
    expect(linesWithin(offsets, -500, -100)).toEqual([0, 0])
    expect(linesWithin(offsets, 500, 900)).toEqual([4, 4])
  })

  it('hold every line that lies in it, whatever the heights', () => {
    const heights = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 60 })

    fc.assert(
      fc.property(heights, fc.integer({ min: 0, max: 2000 }), fc.nat(900), (all, from, height) => {
        const edges = offsetsOf(all)
        const [first, end] = linesWithin(edges, from, from + height)
        const seen = all.map((_, i) => i).filter((i) => edges[i + 1] > from && edges[i] <= from + height)
        expect(seen.every((i) => i >= first && i < end)).toBe(true)
        expect(end - first - seen.length).toBeLessThanOrEqual(1)
      }),
    )
  })
})
