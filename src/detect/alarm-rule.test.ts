import { describe, expect, it } from 'vitest'
import { createAlarmRule, type RawScores, type ThresholdMode } from './alarm-rule.ts'

const MINUTE = 60_000
const DAY = 1440 * MINUTE
const START = Date.UTC(2026, 0, 1)
const NONE: RawScores = { anomaly: Number.NaN, combined: Number.NaN, young: Number.NaN, any: Number.NaN }

/** Two weeks of training scores: `anomaly` 0.1 and `combined` 0.5, with one event of 0.2 and 1 a week. */
function trained(mode: ThresholdMode, anomalyThreshold = Number.NaN) {
  const rule = createAlarmRule(mode, { alarmsPerDay: 0.2 })
  const times = Float64Array.from({ length: 14 * 144 }, (_, i) => START + i * 10 * MINUTE)
  const event = (i: number) => i % 1_000 === 500
  rule.adopt(0, {
    times,
    combined: Float64Array.from(times, (_, i) => (event(i) ? 1 : 0.5)),
    anomaly: Float64Array.from(times, (_, i) => (event(i) ? 0.2 : 0.1)),
    anomalyThreshold,
  })
  return (raw: Partial<RawScores>) => rule.levelOf(0, START + 14 * DAY, { ...NONE, ...raw })
}

describe('the alarm rule, before a model', () => {
  it('has no level before the first detector is ready', () => {
    const levels = createAlarmRule('budget', {}).levelOf(0, START, NONE)

    expect(levels).toEqual({ combined: Number.NaN, level: Number.NaN, anomalyThreshold: Number.NaN })
  })

  it.each(['budget', 'normality', 'sigma', 'percentile', 'fixed'] as const)(
    'takes what theory says for the threshold at first: %s',
    (mode) => {
      const rule = createAlarmRule(mode, {})

      expect(rule.levelOf(0, START, { ...NONE, young: 1.5, any: 3 })).toMatchObject({ combined: 1.5, level: 1.5 })
    },
  )

  it('raises the threshold where a noisy past asks for it, and never lowers it below theory', () => {
    const levelAfter = (usual: number) => {
      const rule = createAlarmRule('budget', {})
      for (let i = 0; i < 2 * 144; i++) rule.levelOf(0, START + i * 10 * MINUTE, { ...NONE, young: usual })
      return rule.levelOf(0, START + 2 * DAY, { ...NONE, young: 3 }).level
    }

    expect(levelAfter(0.1)).toBe(3 / 1)
    expect(levelAfter(2)).toBeCloseTo(3 / 2, 1)
  })

  it("is KIRA's rule in mode any", () => {
    const rule = createAlarmRule('any', {})

    expect(rule.levelOf(0, START, { ...NONE, young: 0.4, any: 1.2 }).level).toBe(1.2)
  })
})

describe('the alarm rule, with a model', () => {
  it('counts in thresholds of the combined score in mode budget', () => {
    const { combined, level, anomalyThreshold } = trained('budget')({ combined: 2, anomaly: 0.3, young: 9, any: 9 })

    expect(combined).toBe(2)
    // Two events in a fortnight are within 14 × 0.2, so they are alarms: the threshold is theirs.
    expect(level).toBeCloseTo(2 / 1, 1)
    expect(anomalyThreshold).toBeCloseTo(0.2, 2)
  })

  it.each(['normality', 'sigma', 'percentile', 'fixed'] as const)(
    'counts in thresholds of the reconstruction error in mode %s',
    (mode) => {
      const levels = trained(mode, 0.25)({ combined: 2, anomaly: 0.5, young: 9, any: 9 })

      expect(levels).toEqual({ combined: 2, level: 0.5 / 0.25, anomalyThreshold: 0.25 })
    },
  )

  it('has a level where the validation errors were all 0', () => {
    const judge = trained('sigma', 0)

    expect(judge({ combined: 0, anomaly: 0 }).level).toBe(0)
    expect(judge({ combined: 1, anomaly: 0.1 }).level).toBeGreaterThan(1)
  })

  it("keeps to KIRA's rule in mode any, and shows the budget's threshold for the error", () => {
    const levels = trained('any')({ combined: 2, anomaly: 0.5, young: 9, any: 0.7 })

    expect(levels.level).toBe(0.7)
    expect(levels.anomalyThreshold).toBeCloseTo(0.2, 2)
  })

  it('lets no score have a say in its own verdict', () => {
    const rule = createAlarmRule('budget', {})
    rule.adopt(0, {
      times: new Float64Array(),
      combined: new Float64Array(),
      anomaly: new Float64Array(),
      anomalyThreshold: Number.NaN,
    })

    const levels = [1, 1, 100].map(
      (combined, i) => rule.levelOf(0, START + i * 20 * MINUTE, { ...NONE, combined, anomaly: 1 }).level,
    )

    // Nothing is known at first; then the highest score and a young margin, up to twice as much.
    expect(levels[0]).toBe(0)
    expect(levels[1]).toBeGreaterThan(0.5)
    expect(levels[1]).toBeLessThan(1)
    expect(levels[2]).toBeGreaterThan(50)
  })

  it.each([0, 1, 2, 3])('does not take an incident under way at the start for normal, slot %i', (slot) => {
    const rule = createAlarmRule('budget', {})
    const times = Float64Array.from({ length: 3 * 240 }, (_, i) => START + i * 15_000)
    const ones = new Float64Array(times.length).fill(1)
    rule.adopt(slot, { times, combined: ones, anomaly: ones, anomalyThreshold: Number.NaN })

    const levels = Array.from({ length: 20 }, (_, i) =>
      rule.levelOf(slot, START + 3 * 60 * MINUTE + i * 15_000, { ...NONE, combined: 50, anomaly: 1 }),
    ).map(({ level }) => level)

    expect(Math.min(...levels)).toBeGreaterThan(10)
  })

  it('forgets the slot when it is cleared or adopts another model', () => {
    const rule = createAlarmRule('budget', {})
    const seed = (combined: number) => ({
      times: Float64Array.from({ length: 300 }, (_, i) => START + i * 10 * MINUTE),
      combined: new Float64Array(300).fill(combined),
      anomaly: new Float64Array(300).fill(combined),
      anomalyThreshold: Number.NaN,
    })
    const level = () => rule.levelOf(0, START + 3 * DAY, { ...NONE, combined: 10, anomaly: 10, young: 1.5 }).level
    rule.adopt(0, seed(10))
    expect(level()).toBeLessThan(1.01)

    rule.adopt(0, seed(1))
    expect(level()).toBeCloseTo(10 / 1, 1)
    rule.clear(0)
    expect(level()).toBe(1.5)
  })
})
