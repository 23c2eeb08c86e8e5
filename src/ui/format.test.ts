import { describe, expect, it } from 'vitest'
import {
  capital,
  formatCount,
  formatDuration,
  formatExact,
  formatLevel,
  formatMoment,
  formatNumber,
  formatOffset,
  formatRelative,
  formatShare,
  plural,
  words,
} from './format.ts'

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [46, '46'],
    [93.456, '93.5'],
    [0.012345, '0.0123'],
    [999.4, '999'],
    [1234, '1.23k'],
    [45_678_901, '45.7M'],
    [-7.23456, '−7.23'],
    [0.00000123, '1.2e−6'],
    [null, '–'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '∞'],
  ])('writes %s as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })
})

describe('formatLevel', () => {
  it.each([
    [0.4212, '0.42'],
    [0.999, '1.0'],
    [1.94, '1.9'],
    [12.34, '12.3'],
    [4321, '4.32k'],
    [null, '–'],
  ])('writes %s as %s', (level, text) => {
    expect(formatLevel(level)).toBe(text)
  })
})

describe('formatShare', () => {
  it.each([
    [0.614, '61 %'],
    [0.004, '< 1 %'],
    [0, '0 %'],
    [1, '100 %'],
    [null, '–'],
  ])('writes %s as %s', (share, text) => {
    expect(formatShare(share)).toBe(text)
  })
})

describe('formatDuration', () => {
  it.each([
    [0, '0 s'],
    [0.25, '250 ms'],
    [45, '45 s'],
    [59.7, '1 min'],
    [90, '2 min'],
    [360, '6 min'],
    [3599, '1 h'],
    [12_000, '3 h 20 min'],
    [40_000, '11 h'],
    [86_399, '1 d'],
    [90_000, '1 d 1 h'],
    [1_036_800, '12 d'],
    [-360, '−6 min'],
    [null, '–'],
    [Number.POSITIVE_INFINITY, '∞'],
  ])('writes %s seconds as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text)
  })
})

describe('times', () => {
  const now = new Date(2026, 10, 21, 14, 31, 5).getTime()

  it('tells how long ago a moment was, or how soon it will be', () => {
    expect(formatRelative(now - 360_000, now)).toBe('6 min ago')
    expect(formatRelative(now + 40_000, now)).toBe('in 40 s')
    expect(formatRelative(now - 300, now)).toBe('now')
  })

  it.each([
    [2400, '0:02'],
    [346_000, '5:46'],
    [3_723_000, '1:02:03'],
    [-5, '0:00'],
  ])('counts %s ms after the beginning as %s', (ms, text) => {
    expect(formatOffset(ms)).toBe(text)
  })

  it('gives the date only of other days', () => {
    expect(formatMoment(now, now)).toBe('14:31:05')
    expect(formatMoment(now - 86_400_000, now)).toBe('2026-11-20 14:31:05')
    expect(formatExact(now)).toBe('2026-11-21 14:31:05')
  })
})

describe('words', () => {
  it('reads names of programs as words', () => {
    expect(words('AWAITING_APPROVAL')).toBe('awaiting approval')
    expect(words('memory_leak')).toBe('memory leak')
    expect(capital('memory leak')).toBe('Memory leak')
  })

  it('counts in singular and plural', () => {
    expect(plural(1, 'target')).toBe('1 target')
    expect(plural(1200, 'target')).toBe('1,200 targets')
    expect(formatCount(10_000)).toBe('10,000')
  })
})
