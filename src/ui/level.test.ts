import { describe, expect, it } from 'vitest'
import { bandOf, levelLook, levelOfSeverity } from './level.ts'

describe('bandOf', () => {
  it.each([
    [0, 'neutral'],
    [0.49, 'neutral'],
    [0.5, 'faint'],
    [1, 'faint'],
    [1.01, 'amber'],
    [2, 'amber'],
    [2.01, 'red'],
    [Number.POSITIVE_INFINITY, 'red'],
    [null, 'unknown'],
    [undefined, 'unknown'],
    [Number.NaN, 'unknown'],
  ] as const)('calls a level of %s %s', (level, band) => {
    expect(bandOf(level)).toBe(band)
  })
})

describe('levelLook', () => {
  it('has a word and a sign of its own for each band, because colour alone is not for all eyes', () => {
    const looks = [null, 0, 0.7, 1.5, 3].map(levelLook)

    expect(new Set(looks.map(({ word }) => word)).size).toBe(5)
    expect(new Set(looks.map(({ sign }) => sign)).size).toBe(5)
  })
})

describe('levelOfSeverity', () => {
  it('is the inverse of how severity is made of a level', () => {
    const level = levelOfSeverity(1 - 2 ** -1.7)

    expect(level).toBeCloseTo(1.7, 10)
  })

  it('does not know the level of a severity that is not known', () => {
    expect(levelOfSeverity(null)).toBeNull()
  })
})
