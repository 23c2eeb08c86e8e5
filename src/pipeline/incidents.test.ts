import { describe, expect, it } from 'vitest'
import { verdictOf } from '../api/testing/fake-fleet.ts'
import type { Incident } from '../domain/incident.ts'
import type { Verdict } from '../domain/verdict.ts'
import { followIncidents } from './incidents.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')
const MINUTE = 60_000
const cpu = (actual: number) => [{ feature: 'cpu_busy', share: 1, actual, expected: 20 }]

const verdict = (changes: Partial<Verdict> = {}) => verdictOf('web', changes)
const calm = verdict()
const alarm = (level = 2) => verdict({ detected: true, level, contributions: cpu(40 * level) })
const stale = verdict({ state: 'stale', level: Number.NaN })
const warmingUp = verdict({ state: 'warming_up', level: Number.NaN })

/** Follows one target; each step says what the cycle at that minute brought, `undefined` for a target that is missing. */
function course() {
  const all = new Map<string, Incident>()
  let ids = 0
  return {
    all,
    at(minute: number, brought: Verdict | undefined, complete = true): Incident[] {
      const ongoing = new Map([...all.values()].filter((one) => one.state !== 'closed').map((one) => [one.target, one]))
      const cycle = { at: NOON + minute * MINUTE, verdicts: [brought], complete }
      const changed = followIncidents(ongoing, cycle, { newId: () => `i${ids++}`, groupOf: ({ job }) => job })
      for (const incident of changed) all.set(incident.id, incident)
      return changed
    },
    kinds: (id = 'i0') => all.get(id)!.timeline.map(({ kind }) => kind),
  }
}

describe('an incident', () => {
  it('opens when an anomaly begins, with the features that spoke', () => {
    const { at } = course()

    expect(at(0, calm)).toEqual([])
    expect(at(1, alarm())).toMatchObject([
      {
        id: 'i0',
        target: 'web@node',
        state: 'opened',
        openedAt: NOON + MINUTE,
        level: 2,
        opening: cpu(80),
        highest: cpu(80),
      },
    ])
    expect(at(2, alarm())).toEqual([])
  })

  it('keeps the highest level and its features, and what it opened with', () => {
    const { at, all, kinds } = course()
    at(0, alarm(2))

    expect(at(1, alarm(2.05))).toEqual([])
    at(2, alarm(4))
    at(3, alarm(8))
    at(4, alarm(3))

    expect(all.get('i0')).toMatchObject({ level: 8, opening: cpu(80), highest: cpu(320) })
    expect(kinds()).toEqual(['opened', 'rose'])
  })

  it('ends when the anomaly does, and is closed when that has lasted ten minutes', () => {
    const { at, all, kinds } = course()
    at(0, alarm())

    expect(at(1, calm)).toMatchObject([{ state: 'recovered', endedAt: NOON + MINUTE }])
    expect(at(11, calm)).toEqual([])
    expect(at(12, calm)).toMatchObject([{ state: 'closed', endedAt: NOON + MINUTE }])
    expect(at(13, calm)).toEqual([])

    expect(all.size).toBe(1)
    expect(kinds()).toEqual(['opened', 'recovered', 'closed'])
  })

  it('goes on when the anomaly comes back within ten minutes', () => {
    const { at, all, kinds } = course()
    at(0, alarm(2))
    at(1, calm)

    at(11, alarm(4))

    expect([...all.values()]).toMatchObject([{ id: 'i0', state: 'opened', endedAt: undefined, level: 4 }])
    expect(kinds()).toEqual(['opened', 'recovered', 'reopened', 'rose'])
  })

  it('is another one when the anomaly comes back later', () => {
    const { at } = course()
    at(0, alarm())
    at(1, calm)

    expect(at(12, alarm())).toMatchObject([
      { id: 'i0', state: 'closed' },
      { id: 'i1', state: 'opened', openedAt: NOON + 12 * MINUTE },
    ])
  })

  it('stays open while there is no data, and says so once', () => {
    const { at, all, kinds } = course()
    at(0, alarm())

    at(1, stale)
    expect(at(2, stale)).toEqual([])
    at(30, alarm())
    at(31, calm)

    expect(all.get('i0')).toMatchObject({ state: 'recovered', endedAt: NOON + 31 * MINUTE })
    expect(kinds()).toEqual(['opened', 'no_data', 'data_back', 'recovered'])
  })

  it('stays open over a restart, until the detectors know the target again', () => {
    const { at, all } = course()
    at(0, alarm())

    expect(at(1, warmingUp)).toEqual([])
    at(2, calm)

    expect(all.get('i0')).toMatchObject({ state: 'recovered' })
  })

  it('is closed when its target is gone for ten minutes', () => {
    const { at, all, kinds } = course()
    at(0, alarm())

    at(1, undefined)
    expect(at(10, undefined)).toEqual([])
    at(11, undefined)

    expect(all.get('i0')).toMatchObject({ state: 'closed', endedAt: NOON + 11 * MINUTE })
    expect(kinds()).toEqual(['opened', 'no_data', 'closed'])
  })

  it('is not closed when nobody can be seen at all', () => {
    const { at, all } = course()
    at(0, alarm())

    for (let minute = 1; minute < 100; minute++) at(minute, undefined, false)

    expect(all.get('i0')).toMatchObject({ state: 'opened' })
  })

  it('has a timeline with an end, however long its target flaps', () => {
    const { at, all, kinds } = course()

    for (let minute = 0; minute < 1000; minute++) at(minute, minute % 2 === 0 ? alarm() : calm)

    expect(all.size).toBe(1)
    expect(kinds()).toHaveLength(100)
    expect(kinds()[0]).toBe('opened')
    expect(kinds().at(-1)).toBe('recovered')
  })
})

it('follows every target on its own', () => {
  const db = { id: 'db@node', labels: { instance: 'db', job: 'node' } }
  let ids = 0

  const opened = followIncidents(
    new Map(),
    { at: NOON, verdicts: [alarm(), undefined, { ...alarm(), target: db }, { ...calm, target: db }], complete: true },
    { newId: () => `i${ids++}`, groupOf: ({ job }) => job },
  )

  expect(opened.map(({ id, target }) => [id, target])).toEqual([
    ['i0', 'web@node'],
    ['i1', 'db@node'],
  ])
})
