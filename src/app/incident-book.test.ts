import { describe, expect, it } from 'vitest'
import { verdictOf } from '../api/testing/fake-fleet.ts'
import type { Incident } from '../domain/incident.ts'
import { createLogger } from '../platform/logger.ts'
import { createMetrics } from '../platform/metrics.ts'
import type { IncidentStore, Kept } from '../store/incidents/incident-store.ts'
import { openIncidentBook } from './incident-book.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')
const MINUTE = 60_000
const DAY = 1440 * MINUTE

/** A store in memory that can be made to fail. */
function memoryStore() {
  const incidents = new Map<string, Incident>()
  const changes = new Map<string, Kept['changes'][number]>()
  const votes = new Map<string, Kept['votes'][number]>()
  const store = {
    full: false,
    incidents,
    changes,
    votes,
    overgrown: false,
    async load() {
      return {
        incidents: [...incidents.values()],
        changes: [...changes.values()],
        votes: [...votes.values()],
        unreadable: 0,
      }
    },
    async save(records: Partial<Kept>) {
      if (store.full) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
      for (const one of records.incidents ?? []) incidents.set(one.id, one)
      for (const one of records.changes ?? []) changes.set(one.id, one)
      for (const one of records.votes ?? []) votes.set(one.incident, one)
    },
    async keepOnly(records: Kept) {
      for (const some of [incidents, changes, votes]) some.clear()
      await store.save(records)
    },
  }
  return store satisfies IncidentStore
}

async function openBook(store: ReturnType<typeof memoryStore> = memoryStore()) {
  const metrics = createMetrics({ now: () => NOON, version: '0', node: '0' })
  const log: string[] = []
  const logger = createLogger('info', { write: (line: string) => log.push(line) })
  const book = await openIncidentBook({ store, clock: { now: () => NOON, sleep: async () => {} }, logger, metrics })
  const cycle = (minute: number, anomalies: Readonly<Record<string, boolean>>) =>
    book.follow({
      at: NOON + minute * MINUTE,
      verdicts: Object.entries(anomalies).map(([instance, detected]) =>
        verdictOf(instance, { detected, level: detected ? 2 : 0.5 }),
      ),
      complete: true,
    })
  const newest = async (target?: string) => (await book.list({ target, limit: 1 })).items[0]
  const outcomes = async () =>
    [...(await metrics.registry.metrics()).matchAll(/^homeostat_incidents_total\{outcome="(\w+)"\} (\d+)$/gm)].map(
      ([, outcome, count]) => `${outcome} ${count}`,
    )
  return { store, book, cycle, newest, outcomes, log }
}

describe('the incident book', () => {
  it('lists the newest first, with ids in that order', async () => {
    const { book, cycle } = await openBook()
    cycle(0, { web: true, db: true })
    cycle(1, { web: true, db: true, mail: true })

    const first = await book.list({ limit: 2 })
    const rest = await book.list({ limit: 2, before: first.items[1].id })

    expect(first.items.map(({ target }) => target)).toEqual(['mail@node', 'db@node'])
    expect(first.more).toBe(true)
    expect(rest).toMatchObject({ items: [{ target: 'web@node', id: '20261121T120000000Z-00000' }], more: false })
  })

  it('goes on with an incident after a restart', async () => {
    const { store, cycle, newest, book } = await openBook()
    cycle(0, { web: true })
    const { id } = await newest()
    await book.close()

    const after = await openBook(store)
    after.cycle(1, { web: true })
    after.cycle(2, { web: false })

    expect(await after.newest()).toMatchObject({ id, state: 'recovered', endedAt: NOON + 2 * MINUTE })
    expect(store.incidents.size).toBe(1)
  })

  it('counts what came of incidents', async () => {
    const { book, cycle, newest, outcomes } = await openBook()
    cycle(0, { web: true, db: true })
    cycle(1, { web: false, db: true })
    expect(await outcomes()).toEqual(['opened 2', 'recovered 0', 'useful 0', 'not_useful 0'])

    cycle(12, { web: false, db: true })
    await book.judge((await newest('web@node')).id, false)
    await book.judge((await newest('web@node')).id, false)
    await book.judge((await newest('db@node')).id, true)

    expect(await outcomes()).toEqual(['opened 2', 'recovered 1', 'useful 1', 'not_useful 1'])
  })
})

describe('feedback', () => {
  it('moves the budget of its target and of no other, and is kept', async () => {
    const { store, book, cycle, newest } = await openBook()
    cycle(0, { web: true, db: true })
    const { id } = await newest('web@node')

    await book.judge(id, false)

    for (const each of [book, (await openBook(store)).book]) {
      expect(each.budgetOf('web@node', 1)).toBe(0.8)
      expect(each.budgetOf('web@node', 2)).toBe(2 * 0.8)
      expect(each.budgetOf('db@node', 1)).toBe(1)
      expect(await each.get(id)).toMatchObject({ feedback: { useful: false, at: NOON } })
    }
  })

  it('counts once for each incident, the newest word', async () => {
    const { book, cycle, newest } = await openBook()
    cycle(0, { web: true })
    const { id } = await newest()

    for (const useful of [false, false, true]) await book.judge(id, useful)

    expect(book.budgetOf('web@node', 1)).toBe(1.06)
  })

  it('adds up over incidents, within the bounds', async () => {
    const { book, cycle, newest } = await openBook()
    for (let i = 0; i < 60; i++) {
      cycle(30 * i, { web: true })
      await book.judge((await newest()).id, false)
      if (i === 1) expect(book.budgetOf('web@node', 1)).toBeCloseTo(0.8 * 0.8, 12)
      cycle(30 * i + 1, { web: false })
    }

    expect(book.budgetOf('web@node', 1)).toBe(1 / 14)
  })

  it('is refused while it cannot be written, and written as soon as it can', async () => {
    const { store, book, cycle, newest, log } = await openBook()
    cycle(0, { web: true })
    const { id } = await newest()
    store.full = true

    await expect(book.judge(id, false)).rejects.toMatchObject({ code: 'storage_unavailable' })
    await expect(book.acknowledge(id)).rejects.toMatchObject({ code: 'storage_unavailable' })
    cycle(1, { web: true })
    store.full = false
    cycle(2, { web: true })
    await book.close()

    expect(store.incidents.get(id)).toMatchObject({ feedback: { useful: false }, acknowledgedAt: NOON })
    expect([...store.votes.keys()]).toEqual([id])
    expect(log.filter((line) => line.includes('cannot be written'))).toHaveLength(1)
  })
})

describe('what training leaves out', () => {
  const at = (minute: number) => NOON + minute * MINUTE

  it('is the time in incidents, from the first alarm to the last', async () => {
    const { book, cycle } = await openBook()
    cycle(0, { web: true, db: true })
    cycle(5, { web: false, db: true })

    expect([-1, 0, 5, 6].map((minute) => book.masked('web@node', at(minute)))).toEqual([false, true, true, false])
    expect([-1, 0, 1e6].map((minute) => book.masked('db@node', at(minute)))).toEqual([false, true, true])
    expect(book.masked('other@node', at(2))).toBe(false)
  })

  it('is not an incident that was not useful: that was normal, and must be learned', async () => {
    const { book, cycle, newest } = await openBook()
    cycle(0, { web: true })
    const { id } = await newest()
    expect(book.masked('web@node', at(1))).toBe(true)

    await book.judge(id, false)
    expect(book.masked('web@node', at(1))).toBe(false)

    await book.judge(id, true)
    expect(book.masked('web@node', at(1))).toBe(true)
  })

  it('is the time of changes, over restarts', async () => {
    const { store, book } = await openBook()
    expect(book.masked('web@node', at(15))).toBe(false)

    await book.mark({ targets: ['web@node', 'web@node'], from: at(10), to: at(20), text: 'release 42' })

    for (const each of [book, (await openBook(store)).book]) {
      const found = [9, 10, 20, 21].map((minute) => each.masked('web@node', at(minute)))
      expect(found).toEqual([false, true, true, false])
      expect(each.masked('db@node', at(15))).toBe(false)
    }
  })
})

describe('retention', () => {
  it('forgets after 90 days, but nothing that goes on, and no vote', async () => {
    const { store, book, cycle, newest } = await openBook()
    cycle(0, { web: true, db: true })
    await book.judge((await newest('web@node')).id, false)
    await book.mark({ targets: ['web@node'], from: NOON, to: NOON + MINUTE, text: 'release 42' })
    cycle(1, { web: false, db: true })
    cycle(12, { web: false, db: true })

    cycle((90 * DAY) / MINUTE + 2, { web: false, db: true })
    await book.close()

    expect([...store.incidents.values()].map(({ target }) => target)).toEqual(['db@node'])
    expect(store.changes.size).toBe(0)
    expect(book.budgetOf('web@node', 1)).toBe(0.8)
    expect((await openBook(store)).book.budgetOf('web@node', 1)).toBe(0.8)
  })

  it('keeps the newest 10,000 incidents, and those that go on', async () => {
    const { book, cycle } = await openBook()
    const fleet = (detected: boolean) => Object.fromEntries(Array.from({ length: 6000 }, (_, i) => [`h${i}`, detected]))
    cycle(0, { ...fleet(true), web: true })
    cycle(1, { ...fleet(false), web: true })
    cycle(20, { ...fleet(true), web: true })
    cycle(21, { ...fleet(false), web: true })
    cycle(100, { web: true })

    const first = await book.list({ limit: 20_000 })

    expect(first.items).toHaveLength(10_000)
    expect(first.items.at(-1)).toMatchObject({ openedAt: NOON })
    expect((await book.list({ target: 'web@node', limit: 10 })).items).toMatchObject([{ openedAt: NOON }])
  })
})
