import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../domain/random.ts'
import { CalmReadings } from './calm-readings.ts'
import { pushedResolution } from './resolution.ts'
import { createServiceScorer } from './service-scorer.ts'

const NAMES = ['cpu_percent', 'request_latency_ms', 'restarts']
const READING_MS = 3000
const TARGET = { id: 'checkout@push', labels: { instance: 'checkout', job: 'push' } }
const OPTIONS = {
  names: NAMES,
  zscore: { window: 30, minReadings: 5, sigmas: 2.5 },
  forest: { trees: 50, sampleSize: 256, contamination: 0.08, minReadings: 20, refitIntervalMs: 3_600_000, seed: 1 },
  alarmsPerReading: READING_MS / 86_400_000,
}

/** A service that is fed one reading after the other. */
function service(seed = 1) {
  const scorer = createServiceScorer(OPTIONS)
  const random = createRandom(seed)
  let at = 0
  const cleaning = { forwardFilled: 0, missing: 0, droppedRows: 0 }
  const feed = (row: readonly number[]) => {
    at += READING_MS
    const values = Float64Array.from(row)
    const sampledAt = Float64Array.of(at)
    scorer.score({ at, names: NAMES, targets: [TARGET], values, fresh: Uint8Array.of(1), sampledAt, cleaning }, [0])
    return scorer.combined[0]
  }
  const calm = () => feed([20 + 20 * random(), 60 + 40 * random(), 0])
  return {
    scorer,
    feed,
    calm: (count: number) => Array.from({ length: count }, calm),
  }
}

describe('the detectors of a pushed service', () => {
  it('speak one after the other: z-score from the fifth reading, forest after twenty', () => {
    const { scorer, calm } = service()

    const [first, fifth] = [calm(4), calm(1)]
    const forestAtFive = scorer.forest[0]
    calm(16)

    expect(first).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
    expect(fifth[0]).toBeGreaterThanOrEqual(0)
    expect(forestAtFive).toBeNaN()
    expect(scorer.forest[0]).not.toBeNaN()
  })

  it('leave normal readings alone and notice a fault at once, from the beginning on', () => {
    const { feed, calm } = service()

    expect(Math.max(...calm(30).slice(4))).toBeLessThan(1)
    expect(feed([92, 438, 0])).toBeGreaterThan(1)
  })

  it('do not take a fault for normal while it lasts, nor its end for another one', () => {
    const { feed, calm } = service()
    calm(60)

    const ill = Array.from({ length: 60 }, () => feed([92, 438, 0]))

    expect(Math.min(...ill)).toBeGreaterThan(1)
    expect(Math.max(...calm(30))).toBeLessThan(1)
  })

  it('notice what grows slowly by how it was before that began, and go on noticing it', () => {
    const { feed, calm } = service()
    calm(200)
    const random = createRandom(7)

    const creeping = Array.from({ length: 160 }, (_, i) => feed([20 + 20 * random() + i / 2, 60 + 40 * random(), 0]))

    expect(creeping.findIndex((level) => level > 1)).toBeLessThan(90)
    expect(Math.min(...creeping.slice(100))).toBeGreaterThan(1)
  })

  it('do not take the rise and fall of a day for something that grows', () => {
    const { feed } = service()
    const random = createRandom(7)
    const day = 86_400_000 / READING_MS
    const wave = (i: number) => Math.sin((2 * Math.PI * i) / day)

    const levels = Array.from({ length: day }, (_, i) =>
      feed([40 + 20 * wave(i) + 4 * random(), 120 + 60 * wave(i) + 10 * random(), 0]),
    )

    expect(Math.max(...levels.slice(4))).toBeLessThan(1)
  })

  it('learn how far the noise of a service reaches', () => {
    const { feed } = service()
    const random = createRandom(5)
    // One reading in a hundred is a little farther out than Gaussian noise ever is.
    const levels = Array.from({ length: 6000 }, (_, i) =>
      feed([i % 100 === 99 ? 42 : 28 + 4 * random(), 60 + 40 * random(), 0]),
    )

    const alarms = (some: readonly number[]) => some.filter((level) => level > 1).length
    expect(alarms(levels.slice(0, 3000))).toBeGreaterThan(0)
    expect(alarms(levels.slice(3000))).toBe(0)
  })

  it('learn nothing of noise from a fault that was soon healed', () => {
    const { feed, calm } = service()
    calm(200)
    const before = feed([60, 80, 0])
    calm(60)

    for (let i = 0; i < 5; i++) {
      feed([95, 900, 0])
      calm(60)
    }

    expect(feed([60, 80, 0])).toBeGreaterThan(0.8 * before)
  })

  it('go on from what was kept as if nothing had been', () => {
    const one = service()
    one.calm(300)
    one.feed([45, 130, 0])
    one.calm(40)
    const other = service()

    other.scorer.recall(one.scorer.memory())
    one.feed([52, 120, 0])
    other.feed([52, 120, 0])

    // Rows are kept in single precision; the forest is grown anew from the last readings.
    expect(other.scorer.zscore[0]).toBeCloseTo(one.scorer.zscore[0], 4)
    expect(other.scorer.forest[0]).toBeGreaterThanOrEqual(0)
  })

  it('take for the new normal what lasts for half an hour', () => {
    const { feed, calm } = service()
    calm(60)

    const moved = Array.from({ length: 700 }, (_, i) => feed([60 + (i % 3), 200 + (i % 7), 0]))

    expect(moved[599]).toBeGreaterThan(1)
    expect(moved[699]).toBeLessThan(1)
  })

  it('do not hold a service that is hardly known to its first readings', () => {
    const { feed } = service()
    for (let i = 0; i < 6; i++) feed([1, 5, 0])

    const running = Array.from({ length: 100 }, (_, i) => feed([40 + (i % 5), 80 + (i % 9), 0]))

    expect(running[0]).toBeGreaterThan(1)
    expect(running[99]).toBeLessThan(1)
  })

  it('name the features that left their bounds first, whatever their unit', () => {
    const { scorer, feed, calm } = service()
    calm(60)

    feed([92, 900, 0])
    const parts = scorer.contributions(0, [92, 900, 0], 0, NAMES)

    expect(parts.map(({ feature }) => feature)).toEqual(['request_latency_ms', 'cpu_percent', 'restarts'])
    expect(parts[1].share).toBeGreaterThan(0.3)
    expect(parts[0].expected).toBeCloseTo(80, -1)
  })

  it('leave a metric out of account that is missing', () => {
    const { feed, calm } = service()
    calm(30)

    expect(feed([30, Number.NaN, 0])).toBeLessThan(1)
    expect(feed([95, Number.NaN, 0])).toBeGreaterThan(1)
  })
})

describe('calm readings', () => {
  it('give mean and deviation of the newest values, as if they were worked out anew', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 60 }),
        fc.integer({ min: 2, max: 20 }),
        (values, capacity) => {
          const calm = new CalmReadings(1, capacity)
          for (const value of values) calm.push([value])
          const held = values.slice(-capacity)
          const mean = held.reduce((sum, value) => sum + value, 0) / held.length
          const variance = held.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (held.length - 1)

          expect(calm.count).toBe(held.length)
          expect(calm.meanOf(0)).toBeCloseTo(mean, 4)
          expect(Math.abs(calm.deviationOf(0) - Math.sqrt(variance))).toBeLessThan(1)
        },
      ),
    )
  })

  it('know nothing of a feature that was never there', () => {
    const calm = new CalmReadings(2, 5)
    for (let i = 0; i < 4; i++) calm.push([i, Number.NaN])

    expect([calm.countOf(1), calm.meanOf(1), calm.deviationOf(1)]).toEqual([0, Number.NaN, Number.NaN])
  })
})

describe('the smallest change that matters', () => {
  it.each([
    ['cpu_percent', 30, 1],
    ['cpu_percent', 90, 2.7],
    ['used_ratio', 0.5, 0.015],
    ['request_latency_ms', 80, 5],
    ['restarts', 0, 0.3],
    ['requests_per_second', 100, 3],
    ['queue_length', 0, 1],
  ])('of %s at %d is %d', (name, mean, expected) => {
    expect(pushedResolution(name)(mean)).toBeCloseTo(expected, 9)
  })
})
