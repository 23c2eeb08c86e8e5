import { describe, expect, it } from 'vitest'
import { ApiError } from '../api/problem.ts'
import { verdictOf } from '../api/testing/fake-fleet.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import { createFeaturizer } from '../featurize/featurizer.ts'
import { ObserveError } from '../observe/error.ts'
import type { HistoryRange } from '../train/gather.ts'
import { createScoreHistory } from './score-history.ts'
import { createScoreReader, type PastSources } from './score-reader.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')
const MINUTE = 60_000
const TARGET = verdictOf('web-1').target
const LIVE = new AbortController().signal

/** A history in which `cpu_busy` counts the minutes since noon. */
function pastOf(given: Partial<PastSources> = {}) {
  const asked: HistoryRange[] = []
  const names = ['cpu_busy', 'load']
  const past: PastSources = {
    intervalMs: 15_000,
    history: {
      async *read(range) {
        asked.push(range)
        for (let at = range.fromMs; at <= range.toMs; at += range.stepMs) {
          const values = Float64Array.of((at - NOON) / MINUTE, 1)
          yield {
            at,
            features: names,
            targets: [TARGET],
            values,
            sampledAt: Float64Array.of(at),
            warnings: [],
          } satisfies Snapshot
        }
      },
    },
    historyKind: 'prometheus',
    names,
    base: new Set(names),
    consecutive: false,
    newFeaturizer: () => createFeaturizer({ base: names, engineered: [], intervalMs: 15_000, forwardFillMs: 60_000 }),
    ...given,
  }
  return { past, asked }
}

function readerOf(given: Partial<PastSources> = {}) {
  const history = createScoreHistory(() => [])
  const { past, asked } = pastOf(given)
  const reader = createScoreReader({ history, past: () => past, now: () => NOON })
  const read = (fromMs: number, features: string[] = [], toMs = NOON) =>
    reader.read(TARGET, { fromMs, toMs, features }, LIVE)
  return { history, asked, read, reader }
}

describe('reading charts', () => {
  it('answers from memory where that reaches back far enough, and asks nobody', async () => {
    const archive = { read: () => Promise.reject(new Error('must not be asked')) }
    const { history, read } = readerOf({ archive })
    for (let at = NOON - 10 * MINUTE; at <= NOON; at += 15_000) history.add(at, [verdictOf('web-1', { level: 2 })])

    const found = await read(NOON - 10 * MINUTE)

    expect(found).toMatchObject({ source: 'memory', stepMs: 15_000, problems: [] })
    expect(found.points).toHaveLength(41)
  })

  it('has what lies before from those who have kept it', async () => {
    const old = (minutes: number) => ({ at: NOON - minutes * MINUTE, level: 1, score: 1, threshold: 1 })
    const { history, read } = readerOf({ archive: { read: async () => [old(30), old(20), old(10), old(5)] } })
    for (let at = NOON - 10 * MINUTE; at <= NOON; at += 15_000) history.add(at, [verdictOf('web-1', { level: 2 })])

    const found = await read(NOON - 60 * MINUTE)

    expect(found.source).toBe('both')
    expect(found.points.slice(0, 3).map(({ at }) => (NOON - at) / MINUTE)).toEqual([30, 20, 10 - 0])
    expect(found.points.filter(({ level }) => level === 1)).toHaveLength(2)
  })

  it('says what could not be read, and gives the rest', async () => {
    const failing = () => Promise.reject(new ObserveError('unreachable', 'Prometheus cannot be reached'))
    const { history, read } = readerOf({ archive: { read: failing } })
    history.add(NOON - 15_000, [verdictOf('web-1')])

    const found = await read(NOON - 60 * MINUTE)

    expect(found.points).toHaveLength(1)
    expect(found.problems).toEqual(['Prometheus cannot be reached'])
  })

  it('thins out what is long, and loses no peak', async () => {
    const { history, read } = readerOf()
    for (let i = 240; i > 0; i--) history.add(NOON - i * 15_000, [verdictOf('web-1', { level: i === 100 ? 8 : 0.5 })])

    const found = await read(NOON - 24 * 60 * MINUTE)

    expect(found.stepMs).toBe(120_000)
    expect(found.points.length).toBeLessThan(40)
    expect(Math.max(...found.points.map(({ level }) => level))).toBe(8)
  })

  it('reads the features that are asked for, of this target alone', async () => {
    const { read, asked } = readerOf()

    const found = await read(NOON - 60 * MINUTE, ['cpu_busy', 'unheard_of'])

    expect(asked).toMatchObject([{ only: { label: 'instance', values: ['web-1'] }, features: ['cpu_busy'] }])
    expect(found.features.map(({ name, source }) => [name, source])).toEqual([['cpu_busy', 'prometheus']])
    expect(found.features[0].points).toHaveLength(241)
    expect(found.features[0].points[4]).toEqual({ at: NOON - 59 * MINUTE, actual: -59, expected: Number.NaN })
  })

  it('asks for all where one is computed from others', async () => {
    const { read, asked } = readerOf({ base: new Set(['load']) })

    await read(NOON - 60 * MINUTE, ['cpu_busy'])

    expect(asked[0].features).toBeUndefined()
  })

  it('leaves out what compares readings of one interval where the steps are longer', async () => {
    const { read } = readerOf({ base: new Set(['load']), consecutive: true })

    const hour = await read(NOON - 60 * MINUTE, ['cpu_busy'])
    const day = await read(NOON - 24 * 60 * MINUTE, ['cpu_busy', 'load'])

    expect(hour.features.map(({ source }) => source)).toEqual(['prometheus'])
    expect(day.features.map(({ source }) => source)).toEqual(['none', 'prometheus'])
  })

  it('adds what the models expected, as far as memory has it', async () => {
    const { history, read } = readerOf()
    const contributions = [{ feature: 'cpu_busy', share: 1, actual: 90, expected: 30 }]
    history.add(NOON - MINUTE, [verdictOf('web-1', { detected: true, contributions })])

    const found = await read(NOON - 5 * MINUTE, ['cpu_busy'])

    const at = NOON - MINUTE
    expect(found.features[0].points.find((point) => point.at === at)).toEqual({ at, actual: -1, expected: 30 })
  })

  it('refuses more than four at a time', async () => {
    const { promise, resolve } = Promise.withResolvers<never[]>()
    const { read } = readerOf({ archive: { read: () => promise } })
    const waiting = [1, 2, 3, 4].map(() => read(NOON - 60 * MINUTE))

    await expect(read(NOON - 60 * MINUTE)).rejects.toThrow(ApiError)

    resolve([])
    await Promise.all(waiting)
    expect((await read(NOON - 60 * MINUTE)).source).toBe('none')
  })
})
