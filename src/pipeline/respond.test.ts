import { describe, expect, it } from 'vitest'
import type { Facts } from '../domain/facts.ts'
import { JournalError } from './journal.ts'
import { alertOf, NOON, openBench } from './testing/bench.ts'

const kinds = ({ timeline }: { timeline: readonly { kind: string }[] }) => timeline.map(({ kind }) => kind)

describe('an anomaly', () => {
  it('becomes an incident with a diagnosis, and an action when it has held for two cycles', async () => {
    const bench = await openBench()
    await bench.cycles(2)

    await bench.cycles(1, ['web'])
    expect(await bench.actions()).toEqual([])
    expect(await bench.incident('web@node')).toMatchObject({
      state: 'opened',
      diagnosis: { cause: 'memory_leak' },
      decision: { verdict: 'refuse', guard: 'soak' },
    })
    await bench.cycles(1, ['web'])

    const incident = await bench.incident('web@node')
    expect(await bench.actions()).toMatchObject([
      { state: 'PLANNED', action: 'restart', target: 'web@node', group: 'node', incidentId: incident.id, rule: 'only' },
    ])
    expect(incident).toMatchObject({ state: 'acting', attempts: 1, group: 'node' })
    expect(kinds(incident)).toEqual(['opened', 'diagnosed', 'decided', 'decided', 'action'])
    expect((await bench.messages()).map(({ kind }) => kind)).toEqual(['detected', 'acting'])
  })

  it('is not acted on twice while its action is under way', async () => {
    const bench = await openBench()

    await bench.cycles(10, ['web'])

    expect((await bench.actions()).filter(({ state }) => state === 'PLANNED')).toHaveLength(1)
  })

  it.each([
    ['observe', 'DRY_RUN', 'opened'],
    ['suggest', 'DRY_RUN', 'opened'],
    ['approve', 'AWAITING_APPROVAL', 'acting'],
    ['auto', 'PLANNED', 'acting'],
  ] as const)('is answered as the mode %s says: %s', async (mode, state, incidentState) => {
    const bench = await openBench({ mode })

    await bench.cycles(5, ['web'])

    expect((await bench.actions()).filter(({ state }) => state !== 'REFUSED')).toMatchObject([{ state, mode }])
    expect(await bench.incident('web@node')).toMatchObject({ state: incidentState })
  })

  it('that a guard holds back leaves one row, and a line when the guard changes', async () => {
    const bench = await openBench()
    await bench.cycles(4, ['unmapped'])

    const rows = await bench.actions()
    const incident = await bench.incident('unmapped@node')

    expect(rows).toMatchObject([{ state: 'REFUSED', reason: 'selector: no mapping names it' }])
    expect(incident.timeline.filter(({ kind }) => kind === 'decided')).toHaveLength(1)
    expect(incident.state).toBe('opened')
  })

  it('is recorded, and nothing is done, when more than a fifth of the fleet has one', async () => {
    const bench = await openBench({ others: 15 })
    const ill = ['a', 'b', 'c', 'd', 'e']

    await bench.cycles(4, ill)

    const actions = await bench.actions()
    expect(actions.map(({ reason }) => reason.split(':')[0])).toContain('fleet_breaker')
    expect(actions.filter(({ state }) => state !== 'REFUSED')).toEqual([])
  })

  it('freezes all when more than a fifth of the fleet has one, until a person unfreezes', async () => {
    const bench = await openBench({ others: 15 })
    const ill = ['a', 'b', 'c', 'd', 'e']
    const freeze = () => bench.store.transaction((entries) => entries.freeze())

    await bench.cycles(4, ill)

    const reason = '5 of 20 targets of the group node are unhealthy, more than 20 %: look why, then unfreeze'
    expect(await freeze()).toMatchObject({ by: 'homeostat', reason })
    expect((await bench.messages()).filter(({ kind }) => kind === 'suspended')).toMatchObject([{ text: reason }])
    expect(await bench.incident('a@node')).toMatchObject({ decision: { guard: 'kill_switch' } })
    await bench.cycles(5, [], ill)
    expect(await freeze()).toBeDefined()
    await bench.cycles(3, ['a'])
    expect((await bench.actions()).filter(({ state }) => state !== 'REFUSED')).toEqual([])
    await bench.store.transaction((entries) => entries.setFreeze(undefined, bench.clock.now()))
    await bench.cycles(1, ['a'])
    expect((await bench.actions()).filter(({ state }) => state === 'PLANNED')).toMatchObject([{ target: 'a@node' }])
  })

  it.each(['observe', 'suggest'] as const)(
    'calls a person, and freezes nothing, where the mode is %s',
    async (mode) => {
      const bench = await openBench({ others: 15, mode })

      await bench.cycles(4, ['a', 'b', 'c', 'd', 'e'])

      expect(await bench.store.transaction((entries) => entries.freeze())).toBeUndefined()
      expect(await bench.incident('a@node')).toMatchObject({ decision: { guard: 'fleet_breaker' } })
      expect((await bench.messages()).filter(({ key }) => key.startsWith('escalated:breaker'))).toHaveLength(1)
    },
  )

  it('is acted on one target of a group at a time', async () => {
    const bench = await openBench({ others: 30 })

    await bench.cycles(4, ['a', 'b', 'c'])

    expect((await bench.actions()).filter(({ state }) => state === 'PLANNED')).toMatchObject([{ target: 'a@node' }])
  })

  it('of partial data is never acted on', async () => {
    const bench = await openBench()

    for (let i = 0; i < 5; i++) {
      await bench.cycle(['web'], [], ['a query timed out'])
      await bench.clock.advance(15_000)
    }

    expect((await bench.actions()).filter(({ state }) => state !== 'REFUSED')).toEqual([])
  })

  it('belongs to others of its group that began shortly before', async () => {
    const bench = await openBench()
    await bench.cycles(1, ['a'])
    await bench.cycles(1, ['a', 'b', 'c'])

    const [a, b, c] = await Promise.all(['a@node', 'b@node', 'c@node'].map(bench.incident))

    expect(a.related.toSorted()).toEqual([b.id, c.id].toSorted())
    expect([b.related, c.related]).toEqual([[a.id], [a.id]])
  })
})

describe('an alert', () => {
  it('opens an incident of its target, which is acted on when it has held', async () => {
    const bench = await openBench()
    await bench.cycles(2, [], ['web'])

    const receipt = await bench.responder.receiveAlerts([alertOf('web')], 0, 'first notification')
    expect(receipt).toMatchObject({ taken: 1, repeated: 0 })
    await bench.cycles(2, [], ['web'])

    expect(await bench.incident('web@node')).toMatchObject({
      state: 'acting',
      anomalous: false,
      alerts: [{ name: 'MemoryLow', status: 'firing', summary: 'memory is low' }],
    })
    expect((await bench.actions()).filter(({ state }) => state === 'PLANNED')).toMatchObject([{ target: 'web@node' }])
  })

  it('joins the incident that an anomaly has opened', async () => {
    const bench = await openBench()
    await bench.cycles(1, ['web'])

    await bench.responder.receiveAlerts([alertOf('web')], 0, undefined)

    expect(await bench.incidents()).toMatchObject([{ anomalous: true, alerts: [{ name: 'MemoryLow' }] }])
  })

  it('keeps its incident open until it is resolved', async () => {
    const bench = await openBench({ mode: 'observe' })
    await bench.cycles(1, ['web'])
    await bench.responder.receiveAlerts([alertOf('web')], 0, undefined)

    await bench.cycles(1, [], ['web'])
    expect(await bench.incident('web@node')).toMatchObject({ state: 'opened', anomalous: false })
    const resolved = alertOf('web', { status: 'resolved', endsAt: NOON + 20_000 })
    await bench.responder.receiveAlerts([resolved], 0, undefined)

    expect(await bench.incident('web@node')).toMatchObject({ state: 'recovered' })
  })

  it('a hundred times in parallel is one incident, and at most one action', async () => {
    const bench = await openBench()
    await bench.cycles(2, [], ['web'])

    const deliveries = Array.from({ length: 100 }, () => bench.responder.receiveAlerts([alertOf('web')], 0, undefined))
    const receipts = await Promise.all(deliveries)
    await bench.cycles(5, [], ['web'])

    expect(receipts.reduce((sum, { taken }) => sum + taken, 0)).toBe(1)
    expect(await bench.incidents()).toHaveLength(1)
    expect((await bench.actions()).filter(({ state }) => state === 'PLANNED')).toHaveLength(1)
  })

  it('that is resolved before it fires opens nothing, in whatever order it arrives', async () => {
    const bench = await openBench()

    await bench.responder.receiveAlerts([alertOf('web', { status: 'resolved', endsAt: NOON })], 0, undefined)
    await bench.responder.receiveAlerts([alertOf('web')], 0, undefined)

    expect(await bench.incidents()).toEqual([])
  })

  it('that ends before it begins is kept, and nothing is done', async () => {
    const bench = await openBench()
    await bench.cycles(2, [], ['web'])

    await bench.responder.receiveAlerts([alertOf('web', { endsAt: NOON - 3_600_000 })], 0, undefined)
    await bench.cycles(4, [], ['web'])

    expect(await bench.incidents()).toMatchObject([{ alerts: [{ name: 'MemoryLow' }] }])
    expect(await bench.actions()).toEqual([])
  })

  it('with another beginning is the same incident within ten minutes', async () => {
    const bench = await openBench({ mode: 'observe' })
    await bench.responder.receiveAlerts([alertOf('web')], 0, undefined)
    await bench.responder.receiveAlerts([alertOf('web', { status: 'resolved', endsAt: NOON })], 0, undefined)
    await bench.clock.advance(300_000)

    await bench.responder.receiveAlerts([alertOf('web', { startsAt: NOON + 300_000 })], 0, undefined)

    expect(await bench.incidents()).toMatchObject([{ state: 'opened' }])
    expect(kinds(await bench.incident('web@node'))).toContain('reopened')
  })

  it('of our own making joins its incident, and neither opens one nor keeps one open', async () => {
    const bench = await openBench({ mode: 'observe' })
    const ours = (fingerprint: string) =>
      alertOf('web', { fingerprint, labels: { instance: 'web', job: 'node', origin: 'homeostat' } })
    await bench.responder.receiveAlerts([ours('f1')], 0, undefined)
    expect(await bench.incidents()).toEqual([])
    await bench.cycles(1, ['web'])

    await bench.responder.receiveAlerts([ours('f2')], 0, undefined)
    await bench.cycles(1, [], ['web'])

    expect(await bench.incidents()).toMatchObject([{ state: 'recovered', alerts: [{ fingerprint: 'f2' }] }])
  })

  it('that joins an incident of long standing begins nothing before it has held for two cycles itself', async () => {
    const ruleFor = ({ alerts }: Facts) => (alerts.length > 0 ? 'by-alert' : 'by-anomaly')
    const bench = await openBench({ ruleFor, limits: { cleanCycles: 6 } })
    const verdicts: unknown[] = []
    await bench.cycles(5, ['web'])
    await bench.responder.receiveAlerts([alertOf('web')], 0, undefined)
    verdicts.push((await bench.incident('web@node')).decision)

    for (let i = 0; i < 2; i++) {
      await bench.cycles(1, ['web'])
      verdicts.push((await bench.incident('web@node')).decision)
    }

    expect(verdicts).toMatchObject([
      { guard: 'fresh_data' },
      { rule: 'by-alert', guard: 'soak', reason: 'it has held for 1 of 2 cycles' },
      { rule: 'by-alert', verdict: 'execute' },
    ])
  })

  it('that is said again does not begin to count anew', async () => {
    const bench = await openBench()
    await bench.cycles(2)
    await bench.responder.receiveAlerts([alertOf('web')], 0, undefined)
    await bench.cycles(1, [], ['web'])
    await bench.responder.receiveAlerts([alertOf('web')], 0, 'repeat interval elapsed')

    await bench.cycles(1, [], ['web'])

    expect(await bench.incident('web@node')).toMatchObject({ state: 'acting' })
  })

  it('holds actions back while its sender leaves out others', async () => {
    const bench = await openBench()
    await bench.cycles(2, [], ['web'])
    await bench.responder.receiveAlerts([alertOf('web')], 7, undefined)

    await bench.cycles(3, [], ['web'])
    expect(await bench.incident('web@node')).toMatchObject({ decision: { guard: 'fleet_breaker' } })
    expect(await bench.store.transaction((entries) => entries.freeze())).toBeUndefined()
    await bench.responder.receiveAlerts([alertOf('web')], 0, 'repeat interval elapsed')
    await bench.cycles(1, [], ['web'])

    expect(await bench.incident('web@node')).toMatchObject({ state: 'acting' })
  })

  it('without a target stands by itself, and nothing is done where the size of its group is not known', async () => {
    const bench = await openBench()
    const labels = { alertname: 'ErrorsHigh', service: 'checkout' }
    await bench.cycles(2)

    await bench.responder.receiveAlerts([alertOf('', { labels, fingerprint: '0123456789' })], 0, undefined)
    await bench.cycles(3)

    expect(await bench.incidents()).toMatchObject([{ target: 'ErrorsHigh-01234567@alert', state: 'opened' }])
    expect((await bench.actions()).at(-1)).toMatchObject({
      state: 'REFUSED',
      reason: expect.stringContaining('fleet_breaker'),
    })
    expect((await bench.actions()).filter(({ state }) => state !== 'REFUSED')).toEqual([])
  })

  it('without the job is about the only target of its instance', async () => {
    const bench = await openBench()
    await bench.cycles(1, [], ['web'])

    await bench.responder.receiveAlerts([alertOf('', { labels: { instance: 'web' } })], 0, undefined)

    expect(await bench.incidents()).toMatchObject([{ target: 'web@node' }])
  })
})

it('an empty delivery is about nobody', async () => {
  const bench = await openBench()

  expect(await bench.responder.receiveAlerts([], 0, undefined)).toEqual({ taken: 0, repeated: 0, incidents: [] })
  expect(await bench.incidents()).toEqual([])
})

it('says so when nothing could be kept, and takes the same again later', async () => {
  const bench = await openBench()
  const { store } = bench
  const failing = new JournalError('full', 'the disk is full: make room')
  const { transaction } = store
  Object.assign(store, { transaction: () => Promise.reject(failing) })

  await expect(bench.responder.receiveAlerts([alertOf('web')], 0, undefined)).rejects.toBe(failing)
  Object.assign(store, { transaction })

  expect(await bench.responder.receiveAlerts([alertOf('web')], 0, undefined)).toMatchObject({ taken: 1 })
})

it('says nothing about a target that somebody has silenced, and does nothing', async () => {
  const bench = await openBench()
  const silence = { id: 's', target: 'web@node', from: NOON, until: NOON + 3_600_000, by: 'api:alice', text: 'known' }
  await bench.store.transaction((entries) => entries.addSilence(silence))
  await bench.cycles(2)

  await bench.cycles(4, ['web'])

  expect(await bench.messages()).toEqual([])
  expect(await bench.actions()).toMatchObject([
    { state: 'REFUSED', reason: expect.stringContaining('silenced by api:alice') },
  ])
})
