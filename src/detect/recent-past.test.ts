import { describe, expect, it } from 'vitest'
import { DAY, HOUR, HOURS, RecentPast } from './recent-past.ts'

const MINUTE = 60_000

function newPast(slots = 1): RecentPast {
  const past = new RecentPast(1)
  past.grow(slots)
  return past
}

/** Readings of one feature, one a minute unless said otherwise, each equal to `valueAt` of its minute. */
function feed(past: RecentPast, minutes: readonly number[], valueAt: (minute: number) => number): RecentPast {
  for (const minute of minutes) past.advance(0, minute * MINUTE, Float32Array.of(valueAt(minute)), 0)
  return past
}

const upTo = (minutes: number, step = 1) => Array.from({ length: minutes / step }, (_, i) => i * step)

describe('the recent past', () => {
  it('takes the first reading for all of it', () => {
    const past = feed(newPast(), [100], () => 5)

    for (const which of [HOUR, HOURS, DAY]) expect(past.average(0, which)[0]).toBe(5)
    expect(past.lagged(0, 101 * MINUTE)[0]).toBe(5)
  })

  it('forgets half of what it knew in an hour, in four hours and in a day', () => {
    for (const [which, minutes] of [
      [HOUR, 60],
      [HOURS, 240],
      [DAY, 1440],
    ] as const) {
      const past = feed(newPast(), upTo(minutes + 1), (minute) => (minute === 0 ? 1 : 0))

      expect(past.average(0, which)[0]).toBeCloseTo(1 / 2, 4)
    }
  })

  it('has averages that do not depend on how often it is read', () => {
    const often = feed(newPast(), upTo(600.25, 0.25), () => 1)
    const rarely = feed(newPast(), upTo(605, 5), () => 1)
    for (const [past, step] of [
      [often, 0.25],
      [rarely, 5],
    ] as const)
      feed(
        past,
        upTo(60, step).map((minute) => 600 + minute + step),
        () => 0,
      )

    expect(often.average(0, HOUR)[0]).toBeCloseTo(1 / 2, 2)
    expect(rarely.average(0, HOUR)[0]).toBeCloseTo(often.average(0, HOUR)[0], 2)
  })

  it.each([0.25, 1, 5])('looks back a quarter of an hour at readings every %d min', (step) => {
    const past = feed(newPast(), upTo(60, step), (minute) => minute)

    const lagged = past.lagged(0, 60 * MINUTE)[0]

    // Readings are kept a minute apart at least, and never are younger than the lag.
    expect(lagged).toBeLessThanOrEqual(45)
    expect(lagged).toBeGreaterThan(45 - Math.max(1, step))
  })

  it('looks back as far as it can while it is younger than that', () => {
    expect(feed(newPast(), upTo(10), (minute) => minute).lagged(0, 10 * MINUTE)[0]).toBe(0)
  })

  it('begins a new one after two hours without a reading', () => {
    const past = feed(newPast(), upTo(30), () => 1)

    expect(past.has(0, 29 * MINUTE + 120 * MINUTE)).toBe(true)
    expect(past.has(0, 29 * MINUTE + 121 * MINUTE)).toBe(false)
    feed(past, [200], () => 9)
    expect(past.lagged(0, 201 * MINUTE)[0]).toBe(9)
  })

  it('has none for a slot that was never read or was cleared', () => {
    const past = newPast(2)
    feed(past, upTo(5), () => 1)

    expect(past.has(1, 5 * MINUTE)).toBe(false)
    past.clear(0)
    expect(past.has(0, 5 * MINUTE)).toBe(false)
    feed(past, [5], () => 3)
    expect(past.average(0, DAY)[0]).toBe(3)
    expect(past.lagged(0, 6 * MINUTE)[0]).toBe(3)
  })

  it('goes on sensibly when the clock was set back', () => {
    const past = feed(
      newPast(),
      upTo(30).map((minute) => 100_000 + minute),
      () => 1,
    )

    feed(
      past,
      upTo(30).map((minute) => 1_000 + minute),
      (minute) => minute - 1_000,
    )

    expect(past.lagged(0, 1_030 * MINUTE)[0]).toBe(15)
    expect(past.average(0, HOUR)[0]).toBeGreaterThanOrEqual(0)
    expect(past.average(0, HOUR)[0]).toBeLessThanOrEqual(29)
  })

  it('goes on in another slot where it was exported', () => {
    const past = feed(newPast(2), upTo(40), (minute) => minute)
    const other = newPast(3)
    other.import(2, past.export(0))
    past.import(1, past.export(0))

    for (const [one, slot] of [
      [past, 1],
      [other, 2],
    ] as const) {
      expect(one.export(slot)).toEqual(past.export(0))
      expect(one.lagged(slot, 41 * MINUTE)).toEqual(past.lagged(0, 41 * MINUTE))
      one.advance(slot, 41 * MINUTE, Float32Array.of(7), 0)
    }
    feed(past, [41], () => 7)
    expect(other.export(2)).toEqual(past.export(0))
  })

  it('keeps slots apart when it grows', () => {
    const past = feed(newPast(1), upTo(20), (minute) => minute)
    const before = past.export(0)

    past.grow(8)
    past.advance(7, 5 * MINUTE, Float32Array.of(1), 0)

    expect(past.export(0)).toEqual(before)
  })
})
