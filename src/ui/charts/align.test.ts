import { describe, expect, it } from 'vitest'
import { align, isolated, scaleOf } from './align.ts'

const line = (...samples: [number, number | null][]) => ({
  label: 'x',
  look: 'main' as const,
  samples: samples.map(([at, value]) => ({ at: at * 1000, value })),
})

describe('align', () => {
  it('puts lines of other times on one axis without breaking either', () => {
    const columns = align([line([0, 1], [20, 2]), line([10, 5])], 20_000)

    expect(columns).toEqual([
      [0, 10, 20],
      [1, undefined, 2],
      [undefined, 5, undefined],
    ])
  })

  it('breaks a line where readings are missing', () => {
    const columns = align([line([0, 1], [300, 2])], 15_000)

    expect(columns).toEqual([
      [0, 15, 300],
      [1, null, 2],
    ])
  })
})

describe('isolated', () => {
  it('are readings that no line goes through', () => {
    expect(isolated([1, null, 2, undefined, 3, null, undefined, 4])).toEqual([0, 7])
    expect(isolated([])).toEqual([])
  })
})

describe('scaleOf', () => {
  it('always has the threshold within', () => {
    const [low, high] = scaleOf(0.1, 0.3, 1)

    expect(low).toBe(0)
    expect(high).toBeGreaterThan(1)
  })

  it('does not go below zero for what is never negative', () => {
    expect(scaleOf(0.1, 10)[0]).toBe(0)
    expect(scaleOf(50, 60)[0]).toBe(49)
  })

  it('does not make mountains of noise', () => {
    const [low, high] = scaleOf(99.98, 100)

    expect(high - low).toBeCloseTo(10, 1)
  })

  it('has room for a line that never moves, and for no line at all', () => {
    const [low, high] = scaleOf(7, 7)

    expect(low).toBeLessThan(7)
    expect(high).toBeGreaterThan(7)
    expect(scaleOf(null, null)).toEqual([0, 1])
  })
})
