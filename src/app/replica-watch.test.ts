import { expect, it, onTestFinished } from 'vitest'
import { createHappenings, type Happening } from '../api/events/happenings.ts'
import { incidentOf, NOON } from '../api/testing/fake-incidents.ts'
import { actionOf } from '../api/testing/fake-remediation.ts'
import { acknowledged, type Incident } from '../domain/incident.ts'
import { manualClock } from '../pipeline/testing/manual-clock.ts'
import { createLogger } from '../platform/logger.ts'
import { openMemoryStore } from '../store/sql/testing/memory-store.ts'
import { watchReplicas } from './replica-watch.ts'
import { tellingJournal } from './telling-journal.ts'

/** Two processes on one store: this one is watched, the other one writes past it. */
async function twoProcesses(...before: Incident[]) {
  const clock = manualClock(NOON)
  const store = await openMemoryStore(clock)
  await store.transaction((entries) => entries.saveIncidents(before))
  const happenings = createHappenings()
  const heard: Happening[] = []
  happenings.listen((happening) => heard.push(happening))
  const journal = tellingJournal(store, happenings.tell)
  const stopping = new AbortController()
  const logger = createLogger('error', { write() {} })
  const running = watchReplicas({ journal, happenings, clock, logger }, stopping.signal)
  onTestFinished(async () => {
    stopping.abort(new Error('over'))
    await running
  })
  /** What was told since the last time. */
  async function news(): Promise<Happening[]> {
    await clock.advance(5_000)
    // A look is a transaction; one after it comes later.
    await store.transaction(async () => {})
    await new Promise(setImmediate)
    return heard.splice(0)
  }
  await news()
  return { other: store, own: journal, news }
}

const open = incidentOf('i1', 'web-1@node', 0)

it('tells what another process did, once', async () => {
  const { other, news } = await twoProcesses(open)

  await other.transaction(async (entries) => {
    await entries.saveIncidents([acknowledged(open, NOON, 'api:alice'), incidentOf('i2', 'db-1@node', 1)])
    await entries.plan(actionOf('a1'))
  })

  const told = await news()
  expect(told).toMatchObject([
    { kind: 'incident', incident: { id: 'i2' }, opened: true },
    { kind: 'incident', incident: { id: 'i1', acknowledgedAt: NOON }, opened: false },
    { kind: 'action', action: { id: 'a1', state: 'PLANNED' } },
  ])
  expect(await news()).toEqual([])
})

it('tells of an action with the labels of its incident, by which it is seen, also where that is over', async () => {
  const over: Incident = {
    ...incidentOf('i0', 'web-0@node', 0),
    labels: { team: 'web' },
    state: 'closed',
    endedAt: NOON,
  }
  const { other, news } = await twoProcesses(over)

  await other.transaction((entries) => entries.plan(actionOf('a1', { incidentId: 'i0', state: 'REFUSED' })))

  expect(await news()).toMatchObject([{ kind: 'action', action: { id: 'a1' }, labels: { team: 'web' } }])
})

it('tells that an incident is closed', async () => {
  const { other, news } = await twoProcesses(open)

  await other.transaction((entries) => entries.saveIncidents([{ ...open, state: 'closed', endedAt: NOON }]))

  expect(await news()).toMatchObject([{ kind: 'incident', incident: { id: 'i1', state: 'closed' } }])
})

it('tells nothing again that this process has told, and nothing of what was there before', async () => {
  const { own, news } = await twoProcesses(open)

  await own.transaction((entries) => entries.saveIncidents([acknowledged(open, NOON, 'api:alice')]))

  expect(await news()).toMatchObject([{ kind: 'incident', incident: { acknowledgedAt: NOON } }])
  expect(await news()).toEqual([])
})

it('tells of an older action that was answered in a storm of newer ones', async () => {
  const { other, news } = await twoProcesses(open)
  await other.transaction(async (entries) => {
    await entries.plan(actionOf('a1', { key: 'k1', state: 'AWAITING_APPROVAL' }))
    await entries.plan(actionOf('a2', { key: 'k2', state: 'AWAITING_APPROVAL' }))
  })
  await news()
  await other.transaction(async (entries) => {
    for (let i = 0; i < 250; i++) await entries.plan(actionOf(`b${i}`, { key: `b${i}`, state: 'REFUSED' }))
  })
  await news()

  await other.transaction(async (entries) => {
    const [first, second] = [await entries.action('a1'), await entries.action('a2')]
    await entries.settle(first!, 'PLANNED', { approvedBy: 'api:alice' }, 'api:alice', NOON)
    await entries.settle(second!, 'REFUSED', {}, 'api:alice', NOON)
  })

  expect(await news()).toMatchObject([
    { kind: 'action', action: { id: 'a1', state: 'PLANNED', approvedBy: 'api:alice' } },
    { kind: 'action', action: { id: 'a2', state: 'REFUSED' } },
  ])
})
