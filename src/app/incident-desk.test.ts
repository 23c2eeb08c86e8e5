import { describe, expect, it } from 'vitest'
import { JournalError } from '../pipeline/journal.ts'
import { loopOf, NOON } from './testing/loop-of.ts'

/** A loop in which `web` has an incident. */
async function unwell() {
  const bench = await loopOf('observe')
  await bench.cycles(2, 'well')
  await bench.cycles(3, 'unwell')
  const { items } = await bench.incidents.list({ limit: 10 })
  return { ...bench, incident: items[0] }
}

describe('the incident desk', () => {
  it('lists the newest first, page by page', async () => {
    const { incidents, cycles, clock, incident } = await unwell()
    await cycles(1, 'well')
    await clock.advance(660_000)
    await cycles(1, 'unwell')

    const first = await incidents.list({ limit: 1 })
    const rest = await incidents.list({ limit: 1, before: first.items[0].id })

    expect(first).toMatchObject({ more: true, items: [{ state: 'opened' }] })
    expect(rest).toMatchObject({ more: false, items: [{ id: incident.id, state: 'closed' }] })
  })

  it('takes an acknowledgement, and says whose', async () => {
    const { incidents, incident } = await unwell()

    const after = await incidents.acknowledge(incident.id, 'api:alice')
    const again = await incidents.acknowledge(incident.id, 'api:bob')

    expect(after?.timeline.at(-1)).toMatchObject({ kind: 'acknowledged', by: 'api:alice' })
    expect(again).toEqual(after)
  })

  it('moves the budget of false alarms by what people say, once for each incident', async () => {
    const { incidents, incident, experience, counted } = await unwell()

    await incidents.judge(incident.id, false)
    await incidents.judge(incident.id, false)

    expect(experience.budgetOf('web@node', 4)).toBeCloseTo(4 * 0.8, 12)
    expect(experience.budgetOf('db@node', 4)).toBe(4)
    expect(await counted(/^homeostat_incidents_total.*not_useful/)).toEqual([
      'homeostat_incidents_total{outcome="not_useful"} 1',
    ])
  })

  it('lets a rule that only records earn its way by useful incidents, but not above its mode', async () => {
    const { incidents, incident, journal } = await unwell()

    await incidents.judge(incident.id, true)

    const standings = await journal.transaction((entries) => entries.standings())
    expect(standings).toMatchObject([{ rule: 'unwell', group: 'node', mode: 'observe', right: 1 }])
  })

  it('leaves incidents out of training, unless they were called not useful', async () => {
    const { incidents, incident, experience } = await unwell()
    const during = incident.openedAt + 1
    expect(experience.masked('web@node', during)).toBe(true)

    await incidents.judge(incident.id, false)

    expect(experience.masked('web@node', during)).toBe(false)
  })

  it('marks changes, which stop actions and are left out of training', async () => {
    const { incidents, experience } = await unwell()

    const change = await incidents.mark({ targets: ['db@node'], from: NOON, to: NOON + 1000, text: 'release 42' })

    expect(change).toMatchObject({ id: expect.any(String), at: expect.any(Number) })
    expect(experience.masked('db@node', NOON + 500)).toBe(true)
    expect(experience.masked('db@node', NOON + 1500)).toBe(false)
  })

  it('knows all of it again after a restart', async () => {
    const { incidents, incident, journal, experience, clock } = await unwell()
    await incidents.judge(incident.id, false)
    await incidents.mark({ targets: ['db@node'], from: NOON, to: NOON + 1000, text: 'release 42' })

    await experience.refresh(clock.now())

    expect(experience.budgetOf('web@node', 4)).toBeCloseTo(3.2, 12)
    expect(experience.masked('db@node', NOON + 500)).toBe(true)
    expect(await journal.transaction((entries) => entries.incident(incident.id))).toMatchObject({
      feedback: { useful: false },
    })
  })

  it('says so when the store fails, and that nothing was kept', async () => {
    const { incidents, incident, journal } = await unwell()
    const failing = new JournalError('read_only', 'the store is read-only')
    Object.assign(journal, { transaction: () => Promise.reject(failing) })

    await expect(incidents.judge(incident.id, true)).rejects.toMatchObject({ code: 'storage_unavailable' })
  })
})

describe('the loop', () => {
  it('scores on while the store fails, does nothing, says so once, and recovers by itself', async () => {
    const { cycles, journal, effects, heal, log, counted } = await loopOf('auto')
    await cycles(2, 'well')
    const { transaction } = journal
    Object.assign(journal, { transaction: () => Promise.reject(new JournalError('full', 'no space left: make room')) })

    await cycles(4, 'unwell')
    await heal()
    expect(effects.done).toEqual([])
    expect(log.filter((line) => line.includes('incidents cannot be kept'))).toHaveLength(1)
    expect(await counted(/^homeostat_stage_failures_total.*record/)).toEqual([
      'homeostat_stage_failures_total{stage="record",reason="full"} 4',
    ])
    Object.assign(journal, { transaction })
    await cycles(2, 'unwell')
    await heal()

    expect(effects.done).toHaveLength(1)
    expect(log.filter((line) => line.includes('incidents are kept again'))).toHaveLength(1)
  })

  it('counts decisions and actions', async () => {
    const { cycles, heal, counted } = await loopOf('auto')
    await cycles(2, 'well')
    await cycles(3, 'unwell')
    await heal()
    await cycles(3, 'well')
    await heal()

    expect(await counted(/^homeostat_(decisions|actions)_total/)).toEqual([
      'homeostat_decisions_total{verdict="execute"} 1',
      'homeostat_decisions_total{verdict="refuse"} 1',
      ...['PLANNED', 'CLAIMED', 'STARTED', 'SUCCEEDED', 'VERIFIED'].map(
        (state) => `homeostat_actions_total{action="restart",state="${state}"} 1`,
      ),
    ])
  })
})
