import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'

const FIRING = '0001-01-01T00:00:00Z'

interface ActionAnswer {
  readonly id: string
  readonly state: string
  readonly reason: string
  readonly call: string
}

interface IncidentAnswer {
  readonly id: string
  readonly state: string
  readonly timeline: readonly { readonly kind: string; readonly text: string }[]
}

let dir: string
let effects: string
let daemon: Daemon | undefined

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-remediation-'))
  effects = join(dir, 'effects')
})
afterEach(async () => {
  await daemon?.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** A program that leaves a line each time it is run. */
function programThatCounts(): string {
  const path = join(dir, 'restart-it')
  writeFileSync(path, `#!/usr/bin/env sh\necho "$1" >> ${effects}\nsleep "\${2:-0}"\n`, { mode: 0o755 })
  return path
}

/** A daemon whose only rule answers the alert `Hanging` with a command of ours. */
async function start(mode: string, more: { readonly sleep?: string; readonly dataDir?: string } = {}): Promise<Daemon> {
  const rules = join(dir, 'rules.yaml')
  writeFileSync(
    rules,
    `rules:
  - name: restart-it
    priority: 1
    when: '"Hanging" in alerts'
    action: exec
    parameters: { command: restart-it }
    severity: high
    verification: { after: 1s, within: 1m }
`,
  )
  const command = {
    name: 'restart-it',
    match: '{job="web"}',
    argv: [programThatCounts(), 'restarted', more.sleep ?? '0'],
    timeout: '1m',
  }
  daemon = await startDaemon({
    dataDir: more.dataDir ?? join(dir, 'data'),
    config: {
      interval: '1s',
      source: { local: { rate_window: '2s' } },
      targets: { stale_after: '5s' },
      remediation: { mode, rules: [rules], groups: { sizes: { web: 50 } } },
      actions: { exec: { commands: [command] } },
    },
  })
  await daemon.ready()
  return daemon
}

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(`${daemon!.url}${path}`, body === undefined ? undefined : init)
  expect(answer.ok, `${path}: ${answer.status} ${answer.ok ? '' : await answer.clone().text()}`).toBe(true)
  return (await answer.json()) as T
}

function send(status: 'firing' | 'resolved', startsAt: Date, instance = 'web-1'): Promise<unknown> {
  const labels = { alertname: 'Hanging', instance, job: 'web' }
  const endsAt = status === 'firing' ? FIRING : new Date().toISOString()
  const alert = {
    status,
    labels,
    annotations: {},
    startsAt: startsAt.toISOString(),
    endsAt,
    generatorURL: '',
    fingerprint: 'f',
  }
  const group = {
    version: '4',
    groupKey: '{}:{}',
    truncatedAlerts: 0,
    status,
    receiver: 'homeostat',
    externalURL: 'http://am',
  }
  const common = { groupLabels: {}, commonLabels: labels, commonAnnotations: {} }
  return ask('/api/v1/webhooks/alertmanager', { ...group, ...common, alerts: [alert] })
}

const lines = () => (existsSync(effects) ? readFileSync(effects, 'utf8').trim().split('\n') : [])
const actions = async () => (await ask<{ items: ActionAnswer[] }>('/api/v1/actions')).items
const inState = (state: string) => async () => {
  const found = (await actions()).find((action) => action.state === state)
  return found ?? false
}
const incident = async () => {
  const { items } = await ask<{ items: IncidentAnswer[] }>('/api/v1/incidents?target=web-1@web')
  return ask<IncidentAnswer>(`/api/v1/incidents/${items[0].id}`)
}

describe('the whole loop', () => {
  it('answers an alert by one action, proves that it helped, and tells the story', async () => {
    const { waitFor, metric } = await start('auto')
    const startsAt = new Date()

    await Promise.all(Array.from({ length: 20 }, () => send('firing', startsAt)))
    await waitFor('the effect', inState('SUCCEEDED'))
    await send('resolved', startsAt)
    const verified = await waitFor('the proof', inState('VERIFIED'))

    expect(lines()).toEqual(['restarted'])
    expect(verified.reason).toBe('recovered: no alert fires any more')
    const { state, timeline } = await incident()
    expect(state).toBe('recovered')
    expect(timeline.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['opened', 'alert', 'decided', 'action', 'recovered']),
    )
    expect(await metric('homeostat_decisions_total', { verdict: 'execute' })).toBe(1)
    expect(await metric('homeostat_actions_total', { action: 'exec', state: 'VERIFIED' })).toBe(1)
  })

  it('does nothing by default, and shows the exact call', async () => {
    const { waitFor } = await start('observe')

    await send('firing', new Date())
    const recorded = await waitFor('the call', async () => {
      const found = await inState('DRY_RUN')()
      return found && (await ask<ActionAnswer>(`/api/v1/actions/${found.id}`)).call !== '' && found
    })

    expect((await ask<ActionAnswer>(`/api/v1/actions/${recorded.id}`)).call).toContain('restart-it')
    expect(lines()).toEqual([])
  })

  it('waits for a person’s yes where it has to', async () => {
    const { waitFor, metric } = await start('approve')
    await send('firing', new Date())
    const { id } = await waitFor('the question', inState('AWAITING_APPROVAL'))
    await waitFor('the gauge', async () => (await metric('homeostat_actions_waiting')) === 1)
    expect(lines()).toEqual([])

    await ask(`/api/v1/actions/${id}/approve`, {})
    await waitFor('the effect', inState('SUCCEEDED'))

    expect(lines()).toEqual(['restarted'])
  })

  it('does nothing while the freeze file is there, and goes on when it is gone', async () => {
    const { waitFor, metric, dataDir } = await start('auto')
    const file = join(dataDir, 'freeze')
    writeFileSync(file, '')
    await waitFor('the freeze', async () => (await metric('homeostat_frozen')) === 1)

    await send('firing', new Date())
    const refused = await waitFor('the refusal', inState('REFUSED'))
    expect(refused.reason).toMatch(/^kill_switch: frozen by file/)
    expect(lines()).toEqual([])
    rmSync(file)
    await waitFor('the effect', inState('SUCCEEDED'))

    expect(lines()).toEqual(['restarted'])
  })

  it('never does again what was under way when the process was killed', async () => {
    const dataDir = join(dir, 'data')
    const first = await start('auto', { sleep: '20', dataDir })
    const startsAt = new Date()
    await send('firing', startsAt)
    await first.waitFor('the start', () => lines().length === 1)
    first.signal('SIGKILL')
    await first.waitFor('its end', () => !first.isAlive()).catch(() => {})

    const second = await start('auto', { sleep: '20', dataDir })
    await second.waitFor('the doubt', inState('UNKNOWN'))
    await send('resolved', startsAt)
    await second.waitFor('the proof', inState('VERIFIED'))

    expect(lines()).toEqual(['restarted'])
  })

  it('ends within 5 s with nothing under way', async () => {
    const { stop } = await start('auto')

    const { code, tookMs } = await stop()
    daemon = undefined

    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(5000)
  })
})
