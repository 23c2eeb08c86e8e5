import { expect, it } from 'vitest'
import { createAlarmRule, type ThresholdSeed } from './alarm-rule.ts'

const MINUTE = 60_000
const DAYS = 10
/** Ten days of scores, one every ten minutes: one in a hundred stands out, each by another height. */
const SEED: ThresholdSeed = (() => {
  const rows = DAYS * 144
  const times = Float64Array.from({ length: rows }, (_, i) => i * 10 * MINUTE)
  const combined = Float64Array.from({ length: rows }, (_, i) => (i % 100 === 50 ? 10 + i / 100 : 1))
  return { times, combined, anomaly: combined, anomalyThreshold: Number.NaN }
})()
const NOW = DAYS * 1440 * MINUTE

const levelOf = (rule: ReturnType<typeof createAlarmRule>, slot: number, at = NOW) =>
  rule.levelOf(slot, at, { anomaly: 1, combined: 1, young: 1, any: 0 })

it('takes a budget of its own for a slot from the next reading on', () => {
  const rule = createAlarmRule('budget', { alarmsPerDay: 1 })
  for (const slot of [0, 1]) rule.adopt(slot, SEED)
  const before = levelOf(rule, 0)

  rule.setAlarmsPerDay(0, 0.2)

  const after = levelOf(rule, 0, NOW + MINUTE)
  expect(after.anomalyThreshold).toBeGreaterThan(before.anomalyThreshold)
  expect(after.level).toBeLessThan(before.level)
  expect(levelOf(rule, 1, NOW + MINUTE)).toEqual(before)
})

it('keeps it with a new model, and forgets it with the target', () => {
  const rule = createAlarmRule('budget', { alarmsPerDay: 1 })
  rule.adopt(0, SEED)
  const common = levelOf(rule, 0).anomalyThreshold
  rule.setAlarmsPerDay(0, 0.2)
  const own = levelOf(rule, 0, NOW + MINUTE).anomalyThreshold

  rule.adopt(0, SEED)
  expect(levelOf(rule, 0).anomalyThreshold).toBe(own)

  rule.clear(0)
  rule.adopt(0, SEED)
  expect(levelOf(rule, 0).anomalyThreshold).toBe(common)
})

it('can be told before the slot has a past', () => {
  const rule = createAlarmRule('budget', { alarmsPerDay: 1 })
  rule.setAlarmsPerDay(0, 0.2)
  rule.adopt(0, SEED)
  rule.adopt(1, SEED)

  expect(levelOf(rule, 0).anomalyThreshold).toBeGreaterThan(levelOf(rule, 1).anomalyThreshold)
})

it('works nothing out again for the number it has', () => {
  const rule = createAlarmRule('budget', { alarmsPerDay: 1 })
  rule.adopt(1, SEED)
  const before = levelOf(rule, 1)
  const high = { anomaly: 500, combined: 500, young: 1, any: 0 }
  for (let i = 1; i < 10; i++) rule.levelOf(1, NOW + i * MINUTE, high)

  rule.setAlarmsPerDay(1, 1)
  expect(levelOf(rule, 1, NOW + 10 * MINUTE)).toEqual(before)

  rule.setAlarmsPerDay(1, 0.2)
  expect(levelOf(rule, 1, NOW + 11 * MINUTE).anomalyThreshold).toBeGreaterThan(before.anomalyThreshold)
})

it('refuses a budget of nothing', () => {
  const rule = createAlarmRule('budget', { alarmsPerDay: 1 })

  for (const wrong of [0, -1, Number.NaN]) expect(() => rule.setAlarmsPerDay(0, wrong)).toThrow(RangeError)
})
