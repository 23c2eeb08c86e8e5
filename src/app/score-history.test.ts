import { describe, expect, it } from 'vitest'
import { detectors, verdictOf, warmingUp } from '../api/testing/fake-fleet.ts'
import type { Contribution } from '../domain/verdict.ts'
import { createScoreHistory } from './score-history.ts'

const HOUR = 3_600_000
const part = (feature: string, actual: number, expected = 10): Contribution => ({ feature, share: 1, actual, expected })
const none = () => []

describe('the history of scores', () => {
  it('keeps the last hour of each target, oldest first', () => {
    const history = createScoreHistory(none)

    for (let i = 0; i < 300; i++)
      history.add(i * 15_000, [
        verdictOf('a', { level: i, score: 0.5, threshold: 2, detected: i % 2 === 1 }),
        undefined,
      ])

    const points = history.of('a@node')
    expect(points).toHaveLength(240)
    expect(points[0]).toEqual({ at: 60 * 15_000, level: 60 })
    expect(points.at(-1)).toEqual({ at: 299 * 15_000, level: expect.closeTo(299, 0) })
    expect(history.read('a@node', 298 * 15_000, 299 * 15_000)).toMatchObject([
      { at: 298 * 15_000, score: 0.5, threshold: 2, detected: false },
      { at: 299 * 15_000, score: 0.5, threshold: 2, detected: true },
    ])
  })

  it('has a gap where a target had no score, and nothing of what never had one', () => {
    const history = createScoreHistory(none)

    history.add(15_000, [verdictOf('a', { level: 1 })])
    history.add(30_000, [verdictOf('a', { state: 'stale', level: Number.NaN }), warmingUp('b')])
    history.add(45_000, [verdictOf('a', { level: 3, score: Number.NaN })])

    expect(history.of('a@node').map(({ at }) => at)).toEqual([15_000, 45_000])
    expect(history.read('a@node', 0, HOUR).at(-1)?.score).toBeNaN()
    expect([history.of('b@node'), history.of('nobody@node')]).toEqual([[], []])
  })

  it('keeps an hour however short the cycles are', () => {
    const history = createScoreHistory(none)

    for (let i = 0; i < 3_600; i++) history.add(i * 1_000, [verdictOf('a')])

    expect(history.of('a@node')).toHaveLength(240)
  })

  it('keeps the highest of what comes within a step, so that no peak is lost', () => {
    const history = createScoreHistory(none)
    const target = { id: 'checkout@push', labels: { instance: 'checkout', job: 'push' } }
    const peaks = [1, 4, 2]

    for (const [i, level] of peaks.entries()) {
      history.add(i * 5_000, [verdictOf('a', { level, detected: level > 3 })])
      history.hear(verdictOf('checkout', { target, at: i * 3_000, level }))
    }

    expect(history.read('a@node', 0, HOUR)).toMatchObject([{ at: 0, level: 4, detected: true }])
    expect(history.of('checkout@push')).toEqual([{ at: 0, level: 4 }])
  })

  it('forgets targets that are gone', () => {
    const history = createScoreHistory(none)
    history.add(0, [verdictOf('gone')])

    history.add(2 * HOUR, [verdictOf('a')])

    expect(history.of('gone@node')).toEqual([])
  })

  it('keeps pushed services at the times of their readings', () => {
    const history = createScoreHistory(none)
    const target = { id: 'checkout@push', labels: { instance: 'checkout', job: 'push' } }

    for (const at of [1_000, 4_000, 17_000]) history.hear(verdictOf('checkout', { target, at, level: at / 1000 }))
    history.add(20_000, [verdictOf('a'), verdictOf('checkout', { target, at: 17_000, level: 17 })])

    expect(history.of('checkout@push').map(({ at }) => at)).toEqual([1_000, 17_000])
  })

  it('keeps features and detectors of an anomaly, from its beginning', () => {
    const history = createScoreHistory(none)
    const anomaly = { detected: true, detectors: detectors(0.75), contributions: [part('cpu_busy', 91)] }

    history.add(15_000, [verdictOf('a')])
    history.add(30_000, [verdictOf('a', anomaly)])

    expect(history.feature('a@node', 'cpu_busy', 0, HOUR)).toEqual([{ at: 30_000, actual: 91, expected: 10 }])
    expect(history.feature('a@node', 'memory_used', 0, HOUR)).toEqual([])
    const [before, after] = history.read('a@node', 0, HOUR)
    expect(before.detectors).toBeUndefined()
    expect(after.detectors?.zscore).toBeCloseTo(0.75, 2)
  })

  it('keeps features of what somebody looks at, for an hour after', () => {
    let busy = 50
    const history = createScoreHistory(() => [part('cpu_busy', busy), part('load', 1, Number.NaN)])
    history.add(15_000, [verdictOf('a')])

    history.watch('a@node', 20_000)
    for (let at = 30_000; at <= 60_000; at += 15_000) {
      busy++
      history.add(at, [verdictOf('a')])
    }

    expect(history.feature('a@node', 'cpu_busy', 0, HOUR).map(({ actual }) => actual)).toEqual([51, 52, 53])
    expect(history.feature('a@node', 'load', 0, HOUR)[0].expected).toBeNaN()
    history.add(2 * HOUR, [verdictOf('a')])
    expect(history.feature('a@node', 'cpu_busy', 0, 3 * HOUR)).toEqual([])
  })

  it('keeps them of 64 targets at most: who looks comes before who has an anomaly', () => {
    const history = createScoreHistory(() => [part('cpu_busy', 1)])
    const sick = (i: number) => verdictOf(`sick-${i}`, { detected: true, contributions: [part('cpu_busy', 2)] })
    const storm = Array.from({ length: 200 }, (_, i) => sick(i))
    history.add(15_000, [...storm, verdictOf('seen')])
    const known = () => storm.filter(({ target }) => history.feature(target.id, 'cpu_busy', 0, HOUR).length > 0).length

    expect(known()).toBe(64)
    history.watch('seen@node', 20_000)
    history.add(30_000, [...storm, verdictOf('seen')])

    expect(known()).toBe(63)
    expect(history.feature('seen@node', 'cpu_busy', 0, HOUR)).toHaveLength(1)
  })
})
