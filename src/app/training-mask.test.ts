import { expect, it } from 'vitest'
import { judged, opened, recovered } from '../domain/incident.ts'
import { createFeaturizer } from '../featurize/featurizer.ts'
import type { HistoryReader } from '../train/gather.ts'
import { host, QUICK_FIT } from '../train/testing/hosts.ts'
import { createTrainingMask } from './training-mask.ts'
import { jobFor, readRound } from './training-round.ts'

const MINUTE = 60_000
const TARGETS = [host('a'), host('b')]
const [A, B] = TARGETS.map(({ id }) => id)

/** An hour of two hosts, a reading a minute. */
const history: HistoryReader = {
  async *read() {
    for (let minute = 0; minute < 60; minute++) {
      const at = minute * MINUTE
      const sampledAt = Float64Array.of(at, at)
      yield { at, features: ['cpu'], targets: TARGETS, values: Float64Array.of(1, 2), sampledAt, warnings: [] }
    }
  },
}

const incident = (target: string, from: number, to: number) =>
  recovered(
    opened(`${target}/${from}`, target, { at: from * MINUTE, level: 2, contributions: [] }),
    to * MINUTE,
    'calm again',
  )

it('leaves incidents, changes, silences and our own actions out of a training, and the card counts what', async () => {
  const mask = createTrainingMask()
  const occasions = {
    incidents: [incident(A, 10, 14), judged(incident(A, 30, 34), false, 0), judged(incident(B, 50, 52), true, 0)],
    changes: [{ id: 'c', targets: [A, B], from: 40 * MINUTE, to: 41 * MINUTE, text: 'release 42', at: 0 }],
    silences: [{ id: 's', target: A, from: 44 * MINUTE, until: 45 * MINUTE, by: 'api', text: '' }],
    actions: [{ target: B, startedAt: 20 * MINUTE, verification: { afterMs: 0, withinMs: MINUTE } }],
  }
  const options = {
    history: { intervalMs: MINUTE, historyMs: 60 * MINUTE, maxRows: 1000, consecutive: false },
    minHistoryMs: 30 * MINUTE,
  }
  const sources = {
    history,
    newFeaturizer: () =>
      createFeaturizer({ base: ['cpu'], engineered: [], intervalMs: MINUTE, forwardFillMs: 2 * MINUTE }),
    masked: (target: string, at: number) => mask.covers(occasions, target, at),
  }
  const wanted = new Set([A, B])

  const round = await readRound(options, sources, { at: 60 * MINUTE, wanted, share: 2 }, new AbortController().signal)
  const { sets, origin } = jobFor({ unit: 'group:node', scope: 'group', ids: [A, B] }, round, QUICK_FIT, 0)

  const minutes = [...sets.get(A)!.times].map((at) => at / MINUTE)
  expect(Array.from({ length: 60 }, (_, i) => i).filter((minute) => !minutes.includes(minute))).toEqual([
    10, 11, 12, 13, 14, 40, 41, 44, 45,
  ])
  expect(origin.cleaning).toMatchObject({ rows: 60 - 9 + (60 - 7), maskedRows: 9 + 7 })
})

it('knows of a change as soon as it is told to look again', () => {
  const mask = createTrainingMask()
  const nothing = { incidents: [], changes: [], silences: [], actions: [] }
  const changes = [{ id: 'c', targets: [A], from: 0, to: 10, text: 'release 42', at: 0 }]
  expect(mask.covers(nothing, A, 5)).toBe(false)

  expect(mask.covers({ ...nothing, changes }, A, 5)).toBe(false)
  mask.forget()

  expect(mask.covers({ ...nothing, changes }, A, 5)).toBe(true)
  expect(mask.covers({ ...nothing, changes }, A, 11)).toBe(false)
})
