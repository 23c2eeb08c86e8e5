import { describe, expect, it } from 'vitest'
import { extentOf, pathOf } from './spark-path.ts'

const samples = (...values: (number | null)[]) => values.map((value, i) => ({ at: i * 10, value }))
const BOX = { from: 0, to: 40, extent: [0, 1], width: 40, height: 23 } as const

describe('pathOf', () => {
  it('goes from the lower edge to the upper', () => {
    expect(pathOf(samples(0, 1), BOX)).toBe('M0.0 21.5L10.0 1.5')
  })

  it('breaks where nothing is known', () => {
    expect(pathOf(samples(0, null, 0), BOX)).toBe('M0.0 21.5M20.0 21.5')
  })

  it('stays in its box', () => {
    expect(pathOf(samples(7), BOX)).toBe('M0.0 1.5')
    expect(pathOf([{ at: 50, value: 1 }], BOX)).toBe('')
  })
})

describe('extentOf', () => {
  it('is that of the known values', () => {
    expect(extentOf(samples(3, null, 1))).toEqual([1, 3])
  })

  it('puts a flat line into the middle', () => {
    expect(extentOf(samples(5, 5))).toEqual([4, 6])
    expect(extentOf([])).toEqual([0, 1])
  })
})
