import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { effectsOf, requestOf } from '../../src/app/testing/effects-of.ts'
import { EffectError, type Effects } from '../../src/pipeline/effects.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { until } from '../support/deadline.ts'
import { type SystemdLab, startSystemd } from '../support/systemd.ts'

const SLEEP = '[Service]\nExecStart=/bin/sleep 3600\n'
const UNITS = {
  'web.service': SLEEP,
  'api.service': SLEEP,
  'forbidden.service': `RefuseManualStart=yes\n${SLEEP}`,
  'broken.service': '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c "exit 3"\n',
  'crashing.service':
    '[Service]\nExecStart=/bin/sh -c "sleep 0.3; exit 1"\nRestart=always\nRestartSec=0.1\nStartLimitBurst=1000\n',
}
const never = new AbortController().signal

let dir: string
let lab: SystemdLab
let effects: Effects

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-units-'))
  lab = await startSystemd(UNITS)
  effects = effectsOf(`actions: { systemd: { systemctl: ${lab.systemctl} }, targets: [${MAPPING}] }`, {
    clock: systemClock,
  })
})

afterAll(async () => {
  await lab?.stop()
  rmSync(dir, { recursive: true, force: true })
})

const MAPPING = `{ match: '{job="units"}', unit: { label: unit, pattern: '[a-z-]+\\.service' } }`
const about = (unit: string) => requestOf('restart', {}, { job: 'units', instance: 'host-1', unit })
const invocation = (unit: string) => lab.show(unit, 'InvocationID')

async function refusal(promise: Promise<unknown>): Promise<EffectError> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof EffectError)) throw error
  return error
}

describe('a unit under a real systemd', () => {
  it('is started anew, once', async () => {
    lab.control('start', 'web.service')
    const before = invocation('web.service')

    const effect = await effects.prepare(about('web.service'), never)
    const outcome = await effect.run(never)

    expect(effect.call).toBe(`${lab.systemctl} restart -- web.service`)
    expect(outcome.message).toBe('unit web.service restarted')
    expect(lab.show('web.service', 'ActiveState')).toBe('active')
    expect(invocation('web.service')).not.toBe(before)
  })

  it('that somebody else has started anew meanwhile is left alone', async () => {
    lab.control('start', 'api.service')
    const effect = await effects.prepare(about('api.service'), never)
    lab.control('restart', 'api.service')
    const since = invocation('api.service')

    const error = await refusal(effect.run(never))

    expect(error).toMatchObject({ reason: 'precondition', happened: 'no' })
    expect(invocation('api.service')).toBe(since)
  })

  it('that crashes is restarted although its own Restart= restarts it meanwhile', async () => {
    lab.control('start', 'crashing.service')
    const effect = await effects.prepare(about('crashing.service'), never)
    const restarts = () => Number(lab.show('crashing.service', 'NRestarts'))
    const seen = restarts()
    await until(() => restarts() > seen, { what: 'one more crash', withinMs: 20_000, everyMs: 50 })

    const outcome = await effect.run(never)

    expect(outcome.message).toBe('unit crashing.service restarted')
    lab.control('stop', 'crashing.service')
  })

  it.each([
    ['that nobody knows', 'unknown.service', { reason: 'not_found', happened: 'no' }],
    ['that refuses to be started by hand', 'forbidden.service', { reason: 'rejected', happened: 'no' }],
  ])('%s is not touched', async (_, unit, expected) => {
    expect(await refusal(effects.prepare(about(unit), never))).toMatchObject(expected)
  })

  it('that does not come up again failed, and nobody knows what it did', async () => {
    const effect = await effects.prepare(about('broken.service'), never)

    const error = await refusal(effect.run(never))

    expect(error).toMatchObject({ reason: 'rejected', happened: 'unknown' })
    expect(lab.show('broken.service', 'ActiveState')).toBe('failed')
  })
})

describe('the whole loop', () => {
  it('answers an alert by a restart of the unit, and proves that it helped', async () => {
    lab.control('start', 'web.service')
    const before = invocation('web.service')
    const daemon = await start()
    try {
      await daemon.ready()
      await send(daemon, 'firing')
      await daemon.waitFor('the restart', () => invocation('web.service') !== before, { withinMs: 30_000 })
      const done = await daemon.waitFor('its end', () => actionIn(daemon, 'SUCCEEDED'))
      expect(done.call).toBe(`${lab.systemctl} restart -- web.service`)
      const after = invocation('web.service')

      await send(daemon, 'resolved')
      const proven = await daemon.waitFor('the proof', () => actionIn(daemon, 'VERIFIED'))

      expect(proven.id).toBe(done.id)
      expect(invocation('web.service')).toBe(after)
    } finally {
      await daemon.stop()
    }
  })
})

function start(): Promise<Daemon> {
  const rules = join(dir, 'rules.yaml')
  const rule = '{ name: restart, priority: 1, when: \'"Hanging" in alerts\', action: restart, severity: high'
  writeFileSync(rules, `rules: [${rule}, verification: { after: 1s, within: 1m } }]\n`)
  const unit = { label: 'unit', pattern: '[a-z-]+\\.service' }
  return startDaemon({
    dataDir: join(dir, 'data'),
    config: {
      interval: '1s',
      source: { local: { rate_window: '2s' } },
      targets: { stale_after: '5s' },
      remediation: { rules: [rules], mode: 'auto', groups: { sizes: { units: 3 } } },
      actions: { systemd: { systemctl: lab.systemctl }, targets: [{ match: '{job="units"}', unit }] },
    },
  })
}

const since = new Date()

async function send({ url }: Daemon, status: 'firing' | 'resolved'): Promise<void> {
  const labels = { alertname: 'Hanging', instance: 'host-1', job: 'units', unit: 'web.service' }
  const endsAt = status === 'firing' ? '0001-01-01T00:00:00Z' : new Date().toISOString()
  const alerts = [{ status, labels, annotations: {}, startsAt: since.toISOString(), endsAt }]
  const answer = await fetch(`${url}/api/v1/webhooks/alertmanager`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ version: '4', groupKey: 'units', status, alerts }),
  })
  expect(answer.status).toBe(202)
}

interface ActionAnswer {
  readonly id: string
  readonly state: string
  readonly call: string
}

async function actionIn({ url }: Daemon, state: string): Promise<ActionAnswer | undefined> {
  const answer = await fetch(`${url}/api/v1/actions`)
  const { items } = (await answer.json()) as { items: ActionAnswer[] }
  return items.find((one) => one.state === state)
}
