import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Contribution, Exhaustion } from '../../domain/verdict.ts'
import { raisedLevel, urgencyOf, withUrgencies } from './early-anomaly.ts'

const HOUR = 3600
const HORIZON_MS = 4 * HOUR * 1000

function left(seconds: number): Exhaustion {
  return { resource: 'disk', seconds, low: seconds, high: seconds }
}

describe('urgency', () => {
  it.each([
    ['an hour', HOUR, 4 / 1],
    ['exactly the horizon', 4 * HOUR, 1],
    ['two horizons', 8 * HOUR, 4 / 8],
    ['a tenth of the horizon', 0.4 * HOUR, 10],
    ['nothing', 0, 10],
  ])('with %s left', (_, seconds, expected) => {
    expect(urgencyOf(left(seconds), HORIZON_MS)).toBeCloseTo(expected, 12)
  })

  it('passes 1 at the horizon and never falls as time runs out', () => {
    const seconds = fc.double({ min: 0, max: 1e7, noNaN: true })
    fc.assert(
      fc.property(seconds, seconds, (a, b) => {
        const [sooner, later] = [Math.min(a, b), Math.max(a, b)].map((s) => urgencyOf(left(s), HORIZON_MS))
        expect(sooner).toBeGreaterThanOrEqual(later)
        expect(sooner > 1).toBe(Math.min(a, b) < 4 * HOUR)
      }),
    )
  })
})

describe('the level', () => {
  it('is the larger of the two', () => {
    expect(raisedLevel(0.4, 3)).toBe(3)
    expect(raisedLevel(5, 3)).toBe(5)
  })

  it('stays what the detectors say without a forecast', () => {
    expect(raisedLevel(0.4, 0)).toBe(0.4)
    expect(raisedLevel(Number.NaN, 0)).toBeNaN()
  })

  it('is given while the detectors warm up by a forecast within the horizon only', () => {
    expect(raisedLevel(Number.NaN, 2)).toBe(2)
    expect(raisedLevel(Number.NaN, 0.9)).toBeNaN()
  })
})

describe('contributions', () => {
  const cpu: Contribution = { feature: 'cpu', share: 0.9, actual: 91, expected: 28 }
  const disk: Contribution = { feature: 'disk', share: 0.1, actual: 0.8, expected: 0.5 }

  it('count detectors and forecasts by their levels', () => {
    const found = withUrgencies([cpu, disk], 0.5, new Map([['disk', 2]]))

    expect(found).toEqual([
      { ...disk, share: (0.5 * 0.1 + 2) / (0.5 + 2) },
      { ...cpu, share: (0.5 * 0.9) / (0.5 + 2) },
    ])
  })

  it('belong to the resource alone where no detector has spoken', () => {
    const silent = [cpu, disk].map((each) => ({ ...each, share: 0 }))

    expect(withUrgencies(silent, Number.NaN, new Map([['disk', 2]]))).toEqual([
      { ...disk, share: 1 },
      { ...cpu, share: 0 },
    ])
  })

  it('are left alone without a forecast, and where the detectors are beyond any measure', () => {
    const given = [cpu, disk]

    expect(withUrgencies(given, 2, new Map())).toBe(given)
    expect(withUrgencies(given, Number.POSITIVE_INFINITY, new Map([['disk', 10]]))).toBe(given)
  })

  it('name the most pressing resource first when it raises the level, and add up to 1', () => {
    const share = fc.double({ min: 0.01, max: 1, noNaN: true })
    const urgency = fc.double({ min: 0.01, max: 10, noNaN: true })
    fc.assert(
      fc.property(fc.array(share, { minLength: 3, maxLength: 8 }), urgency, urgency, urgency, (parts, level, a, b) => {
        const sum = parts.reduce((total, part) => total + part, 0)
        const given = parts.map((part, i) => ({ feature: `f${i}`, share: part / sum, actual: 1, expected: 0 }))
        const [first, second] = [Math.max(a, b), Math.min(a, b)]

        const found = withUrgencies(
          given,
          level,
          new Map([
            ['f1', first],
            ['f2', second / 2],
          ]),
        )

        expect(found.reduce((total, each) => total + each.share, 0)).toBeCloseTo(1, 9)
        if (first >= level + second) expect(found[0].feature).toBe('f1')
      }),
    )
  })
})
