import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PlanOptions, planHistory } from './plan.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 1440 * MINUTE
const NOW = Date.UTC(2026, 0, 20, 10, 0, 7)
const WEEK: PlanOptions = {
  intervalMs: 15 * SECOND,
  historyMs: 7 * DAY,
  maxRows: 10_000,
  maxValues: 20_000_000,
  consecutive: false,
}

const rowsOf = ({ fromMs, toMs, stepMs }: ReturnType<typeof planHistory>) => Math.floor((toMs - fromMs) / stepMs) + 1

describe('the plan of what history to read', () => {
  it('reads a week of readings every 15 s at the step that 10,000 rows allow', () => {
    const plan = planHistory(NOW, 10, 40, WEEK)

    // 604.8 s / 10 = 60.48 s, up to a multiple of the interval
    expect(plan.stepMs).toBe(75 * SECOND)
    expect(rowsOf(plan)).toBeLessThanOrEqual(10_000)
    expect(plan.toMs - plan.fromMs).toBe(7 * DAY)
  })

  it('takes every reading where they are few', () => {
    const plan = planHistory(NOW, 10, 40, { ...WEEK, historyMs: 60 * MINUTE })

    expect(plan).toEqual({ fromMs: plan.toMs - 60 * MINUTE, toMs: NOW - 7 * SECOND, stepMs: 15 * SECOND })
  })

  it('reads at the live interval, and less far back, where features compare consecutive readings', () => {
    const plan = planHistory(NOW, 10, 40, { ...WEEK, consecutive: true })

    expect(plan.stepMs).toBe(15 * SECOND)
    expect(rowsOf(plan)).toBe(10_000)
  })

  it('shortens the stretch where a large fleet shares the memory, and leaves every target 64 rows', () => {
    const plan = planHistory(NOW, 10_000, 40, WEEK)

    expect(plan.stepMs).toBe(5 * MINUTE)
    expect(rowsOf(plan)).toBe(64)
  })

  it('keeps within rows, values, step and history, and on the grid of its step, whatever is asked', () => {
    const options = fc.record({
      intervalMs: fc.integer({ min: 1, max: 900 }).map((seconds) => seconds * SECOND),
      historyMs: fc.integer({ min: 10, max: 30 * 1440 }).map((minutes) => minutes * MINUTE),
      maxRows: fc.integer({ min: 200, max: 100_000 }),
      maxValues: fc.integer({ min: 1_000, max: 100_000_000 }),
      consecutive: fc.boolean(),
    })

    fc.assert(
      fc.property(options, fc.nat(20_000), fc.integer({ min: 1, max: 100 }), (chosen, targets, features) => {
        const plan = planHistory(NOW, targets, features, chosen)
        const rows = rowsOf(plan)

        expect(rows).toBeGreaterThanOrEqual(1)
        expect(rows).toBeLessThanOrEqual(chosen.maxRows)
        expect(rows * targets * features).toBeLessThanOrEqual(Math.max(chosen.maxValues, 200 * targets * features))
        expect(plan.stepMs).toBeGreaterThanOrEqual(chosen.intervalMs)
        expect(plan.stepMs).toBeLessThanOrEqual(Math.max(chosen.intervalMs, 5 * MINUTE))
        if (chosen.consecutive) expect(plan.stepMs).toBe(chosen.intervalMs)
        // A step that is no multiple would meet the readings at varying distances.
        expect(plan.stepMs % chosen.intervalMs).toBe(0)
        expect(plan.toMs - plan.fromMs).toBeLessThanOrEqual(chosen.historyMs)
        expect(plan.toMs % plan.stepMs).toBe(0)
        expect(NOW - plan.toMs).toBeLessThan(plan.stepMs)
        expect(NOW).toBeGreaterThanOrEqual(plan.toMs)
      }),
    )
  })

  it('reads no more rows than are allowed, even where that is less than 200', () => {
    expect(rowsOf(planHistory(NOW, 1, 40, { ...WEEK, maxRows: 100 }))).toBeLessThanOrEqual(100)
  })
})
