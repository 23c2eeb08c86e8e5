import { describe, expect, it } from 'vitest'
import { presetOf, rangeOf, zoomed } from './range.ts'

const NOW = Date.parse('2026-11-21T15:00:00Z')

describe('rangeOf', () => {
  it('shows the last hour unless the address says otherwise', () => {
    expect(rangeOf({}, NOW)).toEqual({ from: NOW - 3_600_000, to: NOW, isLive: true })
    expect(rangeOf({ range: 'constructor' }, NOW).from).toBe(NOW - 3_600_000)
  })

  it('goes on with the time for a preset', () => {
    expect(rangeOf({ range: '15m' }, NOW)).toEqual({ from: NOW - 900_000, to: NOW, isLive: true })
  })

  it('stays where the address names a time', () => {
    const params = { from: '2026-11-21T14:00:00Z', to: '2026-11-21T14:10:00Z', range: '15m' }

    const range = rangeOf(params, NOW)

    expect(range).toEqual({ from: NOW - 3_600_000, to: NOW - 3_000_000, isLive: false })
    expect(presetOf(params)).toBeUndefined()
  })

  it.each([
    { from: 'yesterday', to: 'now' },
    { from: '2026-11-21T14:00:00Z' },
    { from: '2026-11-21T14:00:00Z', to: '2026-11-21T13:00:00Z' },
  ])('takes what makes no sense for not said: %o', (params) => {
    expect(rangeOf(params, NOW).isLive).toBe(true)
  })
})

describe('zoomed', () => {
  it('is the range that its parameters name', () => {
    const params = zoomed(NOW - 60_000, NOW)

    expect(rangeOf(params ?? {}, NOW)).toEqual({ from: NOW - 60_000, to: NOW, isLive: false })
  })

  it('does not follow a slip of the mouse', () => {
    expect(zoomed(NOW - 2000, NOW)).toBeUndefined()
  })
})
