import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../../domain/snapshot.ts'
import { ObserveError } from '../error.ts'
import { createHistoryReader, type HistoryParts } from './history.ts'

const never = new AbortController().signal
const SECOND = 1000
const asked: { promql: string; fromMs: number; points: number }[] = []

/** A past in which target `a` has value = seconds, and `b` appears at second 100. */
function past(
  options: Partial<HistoryParts> & { refuse?: (promql: string, points: number) => ObserveError | undefined } = {},
) {
  asked.length = 0
  const { refuse, ...parts } = options
  return createHistoryReader({
    client: {
      query: () => Promise.reject(new Error('not asked')),
      read: () => Promise.reject(new Error('not asked')),
      async queryRange(promql, { fromMs, toMs, stepMs }) {
        const points = (toMs - fromMs) / stepMs + 1
        asked.push({ promql, fromMs, points })
        const error = refuse?.(promql, points)
        if (error) throw error
        const times = Array.from({ length: points }, (_, i) => (fromMs + i * stepMs) / SECOND)
        const series = (instance: string, from: number) => ({
          metric: { instance, job: 'node' },
          values: times
            .filter((time) => time >= from)
            .map((time) => [time, String(promql === 'x' ? time : time + 0.5)]),
        })
        return { series: [series('b', 100), series('a', 0)].filter(({ values }) => values.length > 0), warnings: [] }
      },
    },
    plan: async () => ({
      heartbeat: 'beat',
      queries: [
        { index: 0, name: 'x', promql: 'x' },
        { index: 1, name: 'y', promql: 'y' },
      ],
      narrowed: ({ label, op, value }) => [{ index: 0, name: 'x', promql: `x{${label}${op}"${value}"}` }],
    }),
    features: ['x', 'y'],
    identity: ['instance', 'job'],
    goneAfterMs: 1e9,
    timeoutMs: 1000,
    inFlight: 2,
    maxValues: 1e6,
    ...parts,
  })
}

const read = (reader: ReturnType<typeof past>, fromS: number, toS: number, stepS = 1) =>
  Array.fromAsync(reader.read({ fromMs: fromS * SECOND, toMs: toS * SECOND, stepMs: stepS * SECOND }, never))

function valuesOf(snapshots: Snapshot[], id: string, feature: number): (number | undefined)[] {
  return snapshots.map(({ targets, values, features }) => {
    const slot = targets.findIndex((target) => target?.id === id)
    return slot < 0 ? undefined : values[slot * features.length + feature]
  })
}

describe('history', () => {
  it('gives one snapshot per step, in order and to the end, across stretches', async () => {
    const snapshots = await read(past(), 0, 1000, 10)

    expect(snapshots.map((snapshot) => snapshot.at)).toEqual(Array.from({ length: 101 }, (_, i) => i * 10_000))
    expect(valuesOf(snapshots, 'a@node', 0)).toEqual(Array.from({ length: 101 }, (_, i) => i * 10))
    expect(valuesOf(snapshots, 'a@node', 1)).toEqual(Array.from({ length: 101 }, (_, i) => i * 10 + 0.5))
    expect(new Set(asked.map(({ fromMs }) => fromMs)).size).toBeGreaterThan(1)
  })

  it('has no value and no sample time before a target appears', async () => {
    const snapshots = await read(past(), 95, 104)
    const slot = snapshots[0].targets.findIndex((target) => target?.id === 'b@node')

    expect(snapshots.map(({ sampledAt }) => sampledAt[slot])).toEqual([
      ...Array(5).fill(Number.NaN),
      ...[100, 101, 102, 103, 104].map((second) => second * SECOND),
    ])
    expect(valuesOf(snapshots, 'b@node', 0).slice(4, 6)).toEqual([Number.NaN, 100])
  })

  it('keeps slots for the whole read', async () => {
    const snapshots = await read(past(), 0, 500)
    const slots = snapshots.map(({ targets }) => targets.findIndex((target) => target?.id === 'a@node'))

    expect(new Set(slots).size).toBe(1)
  })

  it('stays within the limits of values and of points', async () => {
    await read(past({ maxValues: 2 * 2 * 50 }), 0, 1000)
    expect(Math.max(...asked.filter(({ fromMs }) => fromMs > 200 * SECOND).map(({ points }) => points))).toBe(50)

    await read(past(), 0, 100_000)
    expect(Math.max(...asked.map(({ points }) => points))).toBe(10_000)
  })

  it('asks for less when the server finds it too much, and reads all the same', async () => {
    const refuse = (_: string, points: number) =>
      points > 7 ? new ObserveError('too_large', 'too many samples') : undefined

    const snapshots = await read(past({ refuse }), 0, 200)

    expect(valuesOf(snapshots, 'a@node', 0)).toEqual(Array.from({ length: 201 }, (_, i) => i))
    expect(snapshots.flatMap(({ warnings }) => warnings)).toEqual([])
  })

  it('asks for the wanted targets alone, none of their names taken for a pattern', async () => {
    const only = { label: 'instance', values: ['web-1.example:9100', 'db(2)'] }

    await Array.fromAsync(past().read({ fromMs: 0, toMs: 0, stepMs: SECOND, only }, never))

    expect(asked.map(({ promql }) => promql)).toEqual(['x{instance=~"web-1\\.example:9100|db\\(2\\)"}'])
  })

  it('goes on without a feature that cannot be read at all', async () => {
    const refuse = (promql: string) => (promql === 'y' ? new ObserveError('query', 'bad') : undefined)

    const snapshots = await read(past({ refuse }), 0, 3)

    expect(valuesOf(snapshots, 'a@node', 0)).toEqual([0, 1, 2, 3])
    expect(valuesOf(snapshots, 'a@node', 1)).toEqual(Array(4).fill(Number.NaN))
    expect(snapshots[0].warnings).toEqual(['feature y not read: bad'])
  })

  it('throws when nothing can be read, also when not even one step', async () => {
    const gone = new ObserveError('unreachable', 'refused')
    await expect(read(past({ refuse: () => gone }), 0, 3)).rejects.toMatchObject({ reason: 'unreachable' })

    const slow = new ObserveError('timeout', 'slow')
    await expect(read(past({ refuse: () => slow }), 0, 300)).rejects.toMatchObject({ reason: 'timeout' })
    expect(asked.at(-1)?.points).toBe(1)
  })

  it('gives nothing for a range that ends before it begins, and refuses a step of zero', async () => {
    expect(await read(past(), 10, 9)).toEqual([])
    await expect(read(past(), 0, 1, 0)).rejects.toThrow(RangeError)
  })
})
