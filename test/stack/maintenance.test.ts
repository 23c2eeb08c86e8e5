import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HttpSide, httpSide } from '../../src/notify/testing/http-harness.ts'
import { type Alertmanager, startAlertmanager } from '../support/alertmanager.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'

const run = promisify(execFile)
const RULES = `rules:
  - name: restart-it
    priority: 1
    when: '"Hanging" in alerts'
    action: exec
    parameters: { command: restart-it }
    severity: high
    mode: auto
    verification: { after: 1s, within: 1m }
`
/** What is not under test here steps aside. */
const GUARDS = { concurrency: { group: 100, all: 100 }, rates: ['100 in 1m'] }
const SWITCH_DOWN = { source_matchers: ['alertname="SwitchDown"'], target_matchers: ['job="web"'], equal: ['rack'] }
const CRITICAL = {
  source_matchers: ['severity="critical"'],
  target_matchers: ['severity="warning"'],
  equal: ['instance', 'alertname'],
}

interface IncidentAnswer {
  readonly id: string
  readonly timeline: readonly { readonly kind: string; readonly text: string; readonly data: { guard?: string } }[]
}

let dir: string
let people: HttpSide
let daemon: Daemon
let alertmanager: Alertmanager

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-maintenance-'))
  const program = join(dir, 'restart-it')
  const rules = join(dir, 'rules.yaml')
  writeFileSync(program, `#!/usr/bin/env sh\necho "$2" >> ${join(dir, 'effects')}\n`, { mode: 0o755 })
  writeFileSync(rules, RULES)
  // It sends to nobody: what it delivers, and what it does not, is sent by hand here.
  const webhookUrl = 'http://127.0.0.1:9/'
  alertmanager = await startAlertmanager({ webhookUrl, groupBy: ['job'], inhibitRules: [SWITCH_DOWN, CRITICAL] })
  people = await httpSide()
  const slots = [{ label: 'instance', pattern: 'web-[0-9]+' }]
  const command = { name: 'restart-it', match: '{job="web"}', argv: [program], slots }
  daemon = await startDaemon({
    dataDir: join(dir, 'data'),
    config: {
      interval: '1s',
      source: { local: { rate_window: '2s' } },
      targets: { stale_after: '5s' },
      remediation: {
        rules: [rules],
        guards: GUARDS,
        groups: { sizes: { web: 100 } },
        maintenance: { alertmanager: { urls: [alertmanager.url], unreadable_after: '15s', timeout: '1s' } },
      },
      actions: { exec: { commands: [command] } },
      notifications: {
        receivers: [{ name: 'people', webhook: { url: `${people.url}/`, allow_addresses: ['127.0.0.1'] } }],
      },
    },
  })
  await daemon.ready()
})

afterAll(async () => {
  await daemon?.stop()
  await alertmanager?.stop()
  await people?.close()
  rmSync(dir, { recursive: true, force: true })
})

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(`${daemon.url}${path}`, body === undefined ? undefined : init)
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as T
}

/** Another sender, who knows nothing of Alertmanager's silences, says that a web server hangs. */
function send(instance: string, more: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const labels = { alertname: 'Hanging', instance, job: 'web', ...more }
  const times = { startsAt: new Date().toISOString(), endsAt: '0001-01-01T00:00:00Z' }
  const alerts = [{ status: 'firing', labels, annotations: {}, ...times }]
  return ask('/api/v1/webhooks/alertmanager', { version: '4', groupKey: instance, status: 'firing', alerts })
}

async function incident(instance: string): Promise<IncidentAnswer | undefined> {
  const { items } = await ask<{ items: IncidentAnswer[] }>(`/api/v1/incidents?target=${instance}@web`)
  return items[0] && ask<IncidentAnswer>(`/api/v1/incidents/${items[0].id}`)
}

const effects = () => (existsSync(join(dir, 'effects')) ? readFileSync(join(dir, 'effects'), 'utf8').split('\n') : [])
const told = (instance: string) => () => people.arrivals.some(({ body }) => body.includes(`"${instance}@web"`))
const restarted = (instance: string) => () => effects().includes(instance)
const refusal = (instance: string) => async () => {
  const entry = (await incident(instance))?.timeline.find(({ data }) => data.guard === 'maintenance')
  return entry?.text.replace('restart-it: refuse exec: ', '')
}

const inhibits = (instance: string) => async () => {
  const answer = await fetch(`${alertmanager.url}/api/v2/alerts?active=false&filter=instance=${instance}`)
  return ((await answer.json()) as unknown[]).length > 0
}

/** `amtool`, as people use it. */
async function amtool(...args: string[]): Promise<string> {
  const { stdout } = await run('amtool', [`--alertmanager.url=${alertmanager.url}`, ...args])
  return stdout.trim()
}

describe('a silence in a real Alertmanager', () => {
  it('holds actions back with its comment and end, by a regular expression too, until it is lifted', async () => {
    const words = ['--author=alice', '--comment=new disks', '--duration=1h']
    const id = await amtool('silence', 'add', ...words, 'instance=~web-[12]', 'alertname!=Other')
    await send('web-1')
    await send('web-3')

    await daemon.waitFor('what is not silenced', restarted('web-3'))
    const reason = await daemon.waitFor('the refusal', refusal('web-1'))
    expect(reason).toMatch(/^silenced in Alertmanager by alice until \d{4}-.*Z: new disks$/)
    expect(effects()).not.toContain('web-1')
    expect(await daemon.metric('homeostat_alertmanager_up')).toBe(1)

    await amtool('silence', 'expire', id)
    await daemon.waitFor('the action', restarted('web-1'))
  })

  it('holds messages back as well, and what still goes on when it ends is told', async () => {
    await amtool('silence', 'add', '--author=alice', '--comment=new disks', '--duration=15s', 'instance=web-7')
    await send('web-7')
    await send('web-8')

    await daemon.waitFor('the message about the other', told('web-8'))
    await daemon.waitFor('its incident', async () => (await incident('web-7')) !== undefined)
    expect(told('web-7')()).toBe(false)
    await daemon.waitFor('the message', told('web-7'), { withinMs: 40_000 })
  })
})

describe('an inhibited alert in a real Alertmanager', () => {
  it('holds actions back, and names what inhibits it', async () => {
    const hanging = { alertname: 'Hanging', instance: 'web-4', job: 'web', rack: 'a' }
    const down = { alertname: 'SwitchDown', instance: 'switch-1', job: 'network', rack: 'a' }
    await alertmanager.post([{ labels: hanging }, { labels: down }])
    await daemon.waitFor('the inhibition', inhibits('web-4'))

    await send('web-4', { rack: 'a' })

    const reason = await daemon.waitFor('the refusal', refusal('web-4'))
    expect(reason).toBe('its alert Hanging is inhibited in Alertmanager by SwitchDown of switch-1@network')
    expect(effects()).not.toContain('web-4')
  })

  it('does not, where it is a graver alert about the same target that inhibits it', async () => {
    const labels = { alertname: 'Hanging', instance: 'web-5', job: 'web' }
    await alertmanager.post([
      { labels: { ...labels, severity: 'warning' } },
      { labels: { ...labels, severity: 'critical' } },
    ])
    await daemon.waitFor('the inhibition', inhibits('web-5'))

    await send('web-5', { severity: 'critical' })

    await daemon.waitFor('the action', restarted('web-5'))
  })
})

describe('an Alertmanager that is gone', () => {
  it('holds back what Homeostat would do by itself, and says so once', async () => {
    await alertmanager.stop()
    await daemon.waitFor('the metric', async () => (await daemon.metric('homeostat_alertmanager_up')) === 0)
    const told = () => daemon.warnings().filter((line) => line.includes('nobody knows what is silenced')).length
    await daemon.waitFor('the warning', () => told() > 0, { withinMs: 40_000 })

    await send('web-6')

    const reason = await daemon.waitFor('the refusal', refusal('web-6'))
    expect(reason).toMatch(/^Alertmanager could not be read for \d+ s/)
    expect(effects()).not.toContain('web-6')
    expect(told()).toBe(1)
  })
})
