import { describe, expect, it } from 'vitest'
import type { FeatureMatrix } from '../../domain/feature-matrix.ts'
import { createExhaustionWatch, type ExhaustionWatch } from './watch.ts'

const START = 1.7e12
const MINUTE_MS = 60_000
const STEP_MS = 15_000

/** Rows of cpu, disk and memory; only the last two are watched. */
function matrix(at: number, rows: readonly (readonly [disk: number, memory: number])[]): FeatureMatrix {
  return {
    at,
    names: ['cpu', 'disk', 'memory'],
    targets: rows.map((_, i) => ({ id: `h${i}`, labels: {} })),
    values: Float64Array.from(rows.flatMap(([disk, memory]) => [0.99, disk, memory])),
    fresh: new Uint8Array(rows.length).fill(1),
    sampledAt: new Float64Array(rows.length).fill(at),
    cleaning: { forwardFilled: 0, missing: 0, droppedRows: 0 },
  }
}

function create(slots: number, resources: readonly string[] = ['disk', 'memory']): ExhaustionWatch {
  const watch = createExhaustionWatch({ resources, shortestWindowMs: 6 * MINUTE_MS })
  watch.grow(slots)
  return watch
}

/** Full after an hour: from 0.4 up to 1. */
function filling(at: number): number {
  return 0.4 + (0.6 * (at - START)) / (60 * MINUTE_MS)
}

/** Plays until `minutes` have passed; returns the time of the last reading. */
function play(watch: ExhaustionWatch, minutes: number, rowsAt: (at: number) => [number, number][]): number {
  let at = START
  for (; at < START + minutes * MINUTE_MS; at += STEP_MS) {
    const rows = rowsAt(at)
    watch.observe(
      matrix(at, rows),
      rows.map((_, slot) => slot),
    )
  }
  return at - STEP_MS
}

describe('a resource that fills', () => {
  it('is told with the seconds left, and no other', () => {
    const watch = create(2)

    const at = play(watch, 45, (now) => [
      [filling(now), 0.5],
      [0.5, 0.5],
    ])

    const secondsLeft = 3600 - (at - START) / 1000
    expect(watch.forecasts(0, at)).toHaveLength(1)
    expect(watch.forecasts(0, at)[0].resource).toBe('disk')
    expect(watch.forecasts(0, at)[0].seconds).toBeCloseTo(secondsLeft, 0)
    expect(watch.forecasts(1, at)).toEqual([])
  })

  it('comes after the one that is used up sooner', () => {
    const watch = create(1)

    const at = play(watch, 40, (now) => [[filling(now), filling(now) + 0.1]])

    expect(watch.forecasts(0, at).map(({ resource }) => resource)).toEqual(['memory', 'disk'])
  })

  it('has less time left with every second between two forecasts, never less than none', () => {
    const watch = create(1)
    const at = play(watch, 45, (now) => [[filling(now), 0.5]])
    const [{ seconds, low, high }] = watch.forecasts(0, at)

    expect(watch.forecasts(0, at + 10_000)).toEqual([
      { resource: 'disk', seconds: seconds - 10, low: low - 10, high: high - 10 },
    ])
    expect(watch.forecasts(0, at + 1e9)).toEqual([{ resource: 'disk', seconds: 0, low: 0, high: 0 }])
  })

  it('is forgotten with its target', () => {
    const watch = create(1)
    const at = play(watch, 45, (now) => [[filling(now), 0.5]])

    watch.clear(0)
    watch.observe(matrix(at + STEP_MS, [[filling(at + STEP_MS), 0.5]]), [0])

    expect(watch.forecasts(0, at + STEP_MS)).toEqual([])
  })
})

it('forecasts for each target once a minute, and for no more than a share of the fleet in a tick', () => {
  const hosts = 100
  const watch = create(hosts)
  // A full resource has a forecast at once, so that the first one tells when the turn came.
  const rows = Array.from({ length: hosts }, (): [number, number] => [1, 0.5])
  const known = new Set<number>()
  const news: number[] = []

  for (let at = START; at <= START + MINUTE_MS; at += STEP_MS) {
    watch.observe(matrix(at, rows), [...rows.keys()])
    const before = known.size
    for (const slot of rows.keys()) if (watch.forecasts(slot, at).length > 0) known.add(slot)
    news.push(known.size - before)
  }

  expect(known.size).toBe(hosts)
  // Four ticks a minute: a quarter each, and slot 0 at once.
  for (const count of news.slice(1)) expect(Math.abs(count - hosts / 4)).toBeLessThanOrEqual(2)
})

it('watches nothing where there is nothing to watch', () => {
  for (const resources of [[], ['not_a_column']]) {
    const watch = create(1, resources)
    const at = play(watch, 45, (now) => [[filling(now), filling(now)]])
    expect(watch.forecasts(0, at)).toEqual([])
  }
})
