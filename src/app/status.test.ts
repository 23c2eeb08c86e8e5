import { describe, expect, it } from 'vitest'
import { ANYBODY } from '../api/auth/principal.ts'
import { statusJson } from '../api/status-json.ts'
import { fakeFleet, verdictOf, warmingUp } from '../api/testing/fake-fleet.ts'
import { incidentOf, NOON } from '../api/testing/fake-incidents.ts'
import { actionOf } from '../api/testing/fake-remediation.ts'
import { loadConfig } from '../config/load.ts'
import { ObserveError } from '../observe/error.ts'
import { JournalError } from '../pipeline/journal.ts'
import { manualClock } from '../pipeline/testing/manual-clock.ts'
import { createMetrics } from '../platform/metrics.ts'
import { openMemoryStore } from '../store/sql/testing/memory-store.ts'
import { configWarnings } from './config-warnings.ts'
import { createHealthWatch } from './engine-health.ts'
import { watchReceivers } from './receiver-outcomes.ts'
import { receiverSchemas } from './registry.ts'
import { createStatus } from './status.ts'

function configOf(text: string) {
  const loaded = loadConfig({
    flags: { config: 'homeostat.yaml' },
    env: {},
    readFile: () => text,
    receivers: receiverSchemas,
  })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.config
}

const PROMETHEUS = 'source: { type: prometheus, prometheus: { url: "http://prom:9090/x" } }\n'
const MAIL = `notifications:
  receivers: [{ name: hook, webhook: { url: "https://example.org/hook" } }]
  route: { receiver: hook }
`

async function start(text: string) {
  const clock = manualClock(NOON)
  const config = configOf(text)
  const journal = await openMemoryStore(clock)
  const metrics = createMetrics({ now: clock.now, version: '0', node: '0' })
  const receivers = watchReceivers(metrics.notifications, clock.now)
  const watch = createHealthWatch({ ...config, polled: config.source }, () => [], { state: undefined, problems: [] })
  let fails = false
  let hangs = false
  const status = createStatus({
    version: '1.2.3',
    startedAt: NOON - 60_000,
    wallClock: clock,
    config: () => config,
    configuration: () => ({ loadedAt: NOON }),
    health: watch.health,
    receivers,
    journal: {
      transaction: (work) =>
        hangs
          ? new Promise(() => {})
          : fails
            ? Promise.reject(new JournalError('unreachable', 'gone'))
            : journal.transaction(work),
    },
    fileFreeze: () => undefined,
    now: clock.now,
  })
  const read = async (fleet = fakeFleet()) => statusJson(await status.read(), fleet, ANYBODY)
  const failing = () => {
    fails = true
  }
  const hanging = () => {
    hangs = true
  }
  return { clock, journal, receivers, watch, read, failing, hanging }
}

describe('the status', () => {
  it('tells of the source, the age of its data, and why it is down', async () => {
    const { watch, read, clock } = await start(PROMETHEUS)
    expect((await read()).sources).toMatchObject([{ kind: 'prometheus', url: 'http://prom:9090/x', state: 'unknown' }])

    watch.succeeded(NOON, {
      targets: [verdictOf('a').target, undefined],
      sampledAt: Float64Array.of(NOON - 5000, Number.NaN),
      warnings: [],
    })
    watch.took(123)
    await clock.advance(1000)

    expect(await read()).toMatchObject({
      uptime_seconds: 61,
      cycle: { at: new Date(NOON).toISOString(), seconds: 0.123, failures: 0 },
      sources: [{ state: 'up', data_age_seconds: 6, targets: 1, problems: [] }],
    })
    watch.failed(new ObserveError('unreachable', 'http://prom:9090/x cannot be reached'))
    expect(await read()).toMatchObject({
      cycle: { failures: 1 },
      sources: [{ state: 'down', data_age_seconds: 6, problems: ['http://prom:9090/x cannot be reached'] }],
    })
  })

  it('counts targets by state, and says until when some warm up', async () => {
    const { read } = await start(PROMETHEUS)
    const fleet = { ...fakeFleet([verdictOf('a', { detected: true }), warmingUp('b')]), readyAt: () => NOON + 30_000 }

    expect(await read(fleet)).toMatchObject({
      targets: { total: 2, fresh: 1, warming_up: 1, stale: 0, detected: 1, with_model: 0 },
      warming_up: { targets: 1, until: new Date(NOON + 30_000).toISOString() },
    })
  })

  it('counts what is open and what waits, and keeps that while the store fails', async () => {
    const { journal, read, failing, clock } = await start(PROMETHEUS)
    await journal.transaction(async (entries) => {
      await entries.saveIncidents([
        incidentOf('i1', 'a@node', 0),
        { ...incidentOf('i2', 'b@node', 0), state: 'recovered' },
      ])
      await entries.plan(actionOf('a1', { state: 'AWAITING_APPROVAL' }))
      await entries.plan(actionOf('a2'))
      await entries.setFreeze({ by: 'api', reason: 'deploy', at: NOON }, NOON)
    })
    const expected = {
      incidents: { open: 1 },
      actions: { waiting: 1, under_way: 1 },
      freeze: { frozen: true, reason: 'deploy' },
    }

    expect(await read()).toMatchObject(expected)
    failing()
    await clock.advance(60_000)
    expect(await read()).toMatchObject(expected)
  })

  it('waits no longer than two seconds for a store that hangs', async () => {
    const { read, hanging, clock } = await start(PROMETHEUS)
    hanging()

    const waiting = read()
    await clock.advance(2_000)

    expect(await waiting).toMatchObject({ incidents: { open: 0 } })
  })

  it('tells how receivers are', async () => {
    const { receivers, read, clock } = await start(PROMETHEUS + MAIL)
    expect((await read()).receivers).toEqual([
      {
        name: 'hook',
        kind: 'webhook',
        waiting: null,
        last_sent_at: null,
        last_failed_at: null,
        last_failure: null,
        ok: null,
      },
    ])

    receivers.metrics.sent('hook', 0.1)
    await clock.advance(1000)
    receivers.metrics.failed('hook', 'timeout')
    receivers.metrics.waiting({ hook: 2 })

    expect((await read()).receivers).toMatchObject([{ waiting: 2, ok: false, last_failure: 'timeout' }])
    await clock.advance(1000)
    receivers.metrics.sent('hook', 0.1)
    receivers.metrics.waiting({})
    expect((await read()).receivers).toMatchObject([{ waiting: 0, ok: true, last_failure: 'timeout' }])
  })
})

describe('what to set up next', () => {
  it('is much at first', () => {
    const codes = configWarnings(configOf('source: { type: local }\n')).map(({ code }) => code)

    expect(codes).toEqual(['only_this_machine', 'nobody_is_told', 'nothing_can_be_done'])
  })

  it('is nothing where all is set up', () => {
    const actions = `actions: { targets: [{ match: '{instance="web-1"}', container: web }] }\n`

    expect(configWarnings(configOf(PROMETHEUS + MAIL + actions))).toEqual([])
  })

  it('is a credential where whoever comes may act', () => {
    const open = 'web: { listen_address: "0.0.0.0:9797", allow_unauthenticated: true }\n'

    expect(configWarnings(configOf(PROMETHEUS + open)).map(({ code }) => code)).toContain('nobody_is_asked')
  })
})
