import { describe, expect, it } from 'vitest'
import type { Happening } from '../api/events/happenings.ts'
import { incidentOf, NOON } from '../api/testing/fake-incidents.ts'
import { actionOf } from '../api/testing/fake-remediation.ts'
import { acknowledged } from '../domain/incident.ts'
import { manualClock } from '../pipeline/testing/manual-clock.ts'
import { openMemoryStore } from '../store/sql/testing/memory-store.ts'
import { tellingJournal } from './telling-journal.ts'

async function open() {
  const told: Happening[] = []
  const store = await openMemoryStore(manualClock(NOON))
  return { told, journal: tellingJournal(store, (happening) => told.push(happening)) }
}

const INCIDENT = { ...incidentOf('i1', 'web-1@node', 0), labels: { job: 'node' } }

describe('a journal that tells', () => {
  it('tells of incidents in their newest state, once, and whether they are new', async () => {
    const { journal, told } = await open()
    const later = acknowledged(INCIDENT, NOON + 60_000, 'api:alice')

    await journal.transaction(async (entries) => {
      await entries.saveIncidents([INCIDENT])
      await entries.saveIncidents([INCIDENT])
    })
    await journal.transaction((entries) => entries.saveIncidents([later]))

    expect(told).toEqual([
      { kind: 'incident', incident: INCIDENT, opened: true },
      { kind: 'incident', incident: later, opened: false },
    ])
  })

  it('tells of every entry of the ledger that came into another state, with the labels of its incident', async () => {
    const { journal, told } = await open()
    const action = actionOf('a1')

    await journal.transaction(async (entries) => {
      await entries.saveIncidents([INCIDENT])
      await entries.plan(action)
    })
    told.splice(0)
    await journal.transaction((entries) => entries.plan(action))
    const claimed = await journal.transaction((entries) => entries.claim('a1', 'me', 60_000))
    await journal.transaction((entries) => entries.start('a1', claimed!.epoch, NOON, { call: 'docker restart web' }))
    const started = await journal.transaction((entries) => entries.action('a1'))
    await journal.transaction((entries) =>
      entries.settle(started!, 'SUCCEEDED', { finishedAt: NOON }, 'homeostat', NOON),
    )

    expect(told).toMatchObject([
      { kind: 'action', action: { id: 'a1', state: 'CLAIMED' }, labels: { job: 'node' } },
      { kind: 'action', action: { id: 'a1', state: 'STARTED', call: 'docker restart web' } },
      { kind: 'action', action: { id: 'a1', state: 'SUCCEEDED', finishedAt: NOON } },
    ])
  })

  it('tells of a freeze, and of its end', async () => {
    const { journal, told } = await open()
    const freeze = { by: 'api', reason: 'deploy', at: NOON }

    await journal.transaction((entries) => entries.setFreeze(freeze, NOON))
    await journal.transaction((entries) => entries.setFreeze(undefined, NOON))

    expect(told).toEqual([
      { kind: 'freeze', freeze },
      { kind: 'freeze', freeze: undefined },
    ])
  })

  it('tells nothing of what was not kept', async () => {
    const { journal, told } = await open()
    const failing = journal.transaction(async (entries) => {
      await entries.saveIncidents([INCIDENT])
      throw new Error('no')
    })

    await expect(failing).rejects.toThrow('no')
    expect(told).toEqual([])
  })
})
