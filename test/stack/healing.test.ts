import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bookOf, type IncidentAnswer } from '../support/alerts.ts'
import { type ContainerExporter, startContainerExporter, usageOf } from '../support/container-exporter.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { type DockerLab, startDocker } from '../support/docker.ts'
import { type Lab, startLab } from '../support/lab.ts'
import { startProxy, type TcpProxy } from '../support/proxy.ts'

const ENABLED = ['--label', 'homeostat.enable=true']
/** No alert speaks of this one: it is for the detectors of a second daemon to see what is wrong. */
const UNSPOKEN = 'unspoken'
const LEAK = 'i=0; while [ $i -lt 20 ]; do head -c 2097152 /dev/zero >> /dev/shm/leak; i=$((i+1)); sleep 0.1; done'
/** What is wrong is wrong at the first start only: `/ill` stays over a restart, `/dev/shm` does not. */
const AT_FIRST = (ill: string) => `if [ ! -e /ill ]; then touch /ill; ${ill}; fi; sleep 10000`
const CONTAINERS: Readonly<Record<string, string>> = {
  looping: AT_FIRST('touch /dev/shm/lock; while [ -e /dev/shm/lock ]; do echo crash; sleep 0.3; done'),
  leaking: AT_FIRST(LEAK),
  burning: 'while :; do :; done',
}
/** So that three at once are no matter of the whole fleet: its breaker trips at five of twenty. */
const AT_REST = Array.from({ length: 17 }, (_, i) => `rest-${i}`)

const ALERTS = [
  { alert: 'CrashLooping', expr: 'increase(app_crashes_total[6s]) > 3' },
  { alert: 'MemoryLeak', expr: 'node_memory_MemAvailable_bytes{instance=~".+ing"} / node_memory_MemTotal_bytes < 0.6' },
  { alert: 'CpuBurning', expr: 'rate(node_cpu_seconds_total{mode="user",instance=~".+ing"}[5s]) > 0.12' },
]

const step = (name: string, priority: number, alert: string, action: string, parameters = '{}') => `
  - name: ${name}
    priority: ${priority}
    when: '"${alert}" in alerts'
    action: ${action}
    parameters: ${parameters}
    severity: high
    verification: { after: 2s, within: 90s }
`
const RULES = `rules:${step('loop', 1, 'CrashLooping', 'restart')}${step('leak', 2, 'MemoryLeak', 'restart')}${step('burn', 3, 'CpuBurning', 'throttle', '{ cpus: 0.05 }')}`

const SEEN = `rules:${step('leak', 1, '', 'restart').replace(`'"" in alerts'`, `'anomaly && memory_used_ratio > 0.2'`)}`

let dir: string
let docker: DockerLab
let exporter: ContainerExporter
let lab: Lab
let proxy: TcpProxy
let daemon: Daemon
let watcher: Daemon

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-healing-'))
  writeFileSync(join(dir, 'rules.yaml'), RULES)
  docker = await startDocker()
  writeFileSync(join(dir, 'seen.yaml'), SEEN)
  const all = [...Object.keys(CONTAINERS), UNSPOKEN]
  exporter = await startContainerExporter(docker, all)
  proxy = await startProxy(9)
  for (const name of all) docker.run(name, 'sleep 10000', ENABLED)
  const hosts = [...all, ...AT_REST].map((name) => [name, `${exporter.address}/host/${name}`])
  lab = await startLab({
    hosts: Object.fromEntries(hosts),
    alerts: ALERTS,
    webhookUrl: `${proxy.url}/api/v1/webhooks/alertmanager`,
  })
  daemon = await startDaemon({
    config: {
      interval: '1s',
      source: { type: 'prometheus', prometheus: { url: lab.prometheusUrl, rate_window: '5s' } },
      features: { include: ['cpu_busy', 'memory_used_ratio'] },
      // The detectors need days to know a host; here Prometheus' own rules say what is wrong.
      threshold: { mode: 'fixed', value: 1e9 },
      remediation: {
        mode: 'auto',
        rules: [join(dir, 'rules.yaml')],
        // All three at the same time, or the test would take three times as long.
        guards: { concurrency: { group: 3 } },
      },
      actions: {
        docker: { socket: docker.socketPath, stop_timeout: '1s' },
        targets: [{ match: '{job="node", instance=~".+ing"}', container: { label: 'instance', pattern: '[a-z]+' } }],
      },
    },
  })
  watcher = await startDaemon({
    config: {
      interval: '1s',
      // Those that fall ill beside it would be a storm to this one.
      source: {
        type: 'prometheus',
        prometheus: { url: lab.prometheusUrl, rate_window: '5s', matchers: `{instance=~"${UNSPOKEN}|rest-.+"}` },
      },
      features: { include: ['memory_used_ratio'] },
      // So that a leak stands out for longer than the handful of readings until it is usual.
      detect: { zscore: { window: '300 readings' } },
      remediation: { mode: 'auto', rules: [join(dir, 'seen.yaml')] },
      actions: {
        docker: { socket: docker.socketPath, stop_timeout: '1s' },
        targets: [
          { match: `{job="node", instance="${UNSPOKEN}"}`, container: { label: 'instance', pattern: '[a-z]+' } },
        ],
      },
    },
  })
  await daemon.ready()
  proxy.setUpstream(Number(new URL(daemon.url).port))
  await daemon.waitFor('the fleet', async () => (await daemon.targetIds()).length > AT_REST.length)
  docker.docker('rm', '-f', ...Object.keys(CONTAINERS))
  for (const [name, script] of Object.entries(CONTAINERS)) docker.run(name, script, ENABLED)
})

afterAll(async () => {
  await daemon?.stop()
  await watcher?.stop()
  await lab?.stop()
  await proxy?.close()
  await exporter?.stop()
  await docker?.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** How often somebody else than its restart policy started a container anew. */
function restartsOf(name: string): number {
  const window = ['--since', '1h', '--until', `${Math.ceil(Date.now() / 1000)}`]
  const events = docker.docker('events', ...window, '--filter', `container=${name}`, '--filter', 'event=restart')
  return events.split('\n').filter(Boolean).length
}

const courseOf = ({ timeline }: IncidentAnswer) => timeline.map(({ kind }) => kind)

/** The action on a container, once it is proven to have helped. */
async function healed(name: string, by = daemon) {
  const target = `${name}@node`
  const [action] = await by.waitFor(
    `${name} healed`,
    async () => {
      const found = (await bookOf(by).actionsOn(target)).filter(({ state }) => state === 'VERIFIED')
      return found.length > 0 && found
    },
    { withinMs: 80_000, everyMs: 500 },
  )
  return { action, incident: (await bookOf(by).incidentOf(target))! }
}

describe('containers that Prometheus watches, and alerts about through Alertmanager', () => {
  it('that crash-loop, leak and burn are each acted on once, and proven to be well again', async () => {
    const [looping, leaking, burning] = await Promise.all(['looping', 'leaking', 'burning'].map((name) => healed(name)))

    expect(looping.action).toMatchObject({ action: 'restart', rule: 'loop', mode: 'auto' })
    expect(leaking.action).toMatchObject({ action: 'restart', rule: 'leak', mode: 'auto' })
    expect(burning.action).toMatchObject({ action: 'throttle', rule: 'burn', mode: 'auto' })
    expect([restartsOf('looping'), restartsOf('leaking'), restartsOf('burning')]).toEqual([1, 1, 0])
    expect(docker.show('burning', '{{.HostConfig.NanoCpus}}')).toBe('50000000')
    expect(docker.show('looping', '{{.HostConfig.NanoCpus}}')).toBe('0')
    for (const { incident, action } of [looping, leaking, burning]) {
      expect(courseOf(incident)).toEqual(
        expect.arrayContaining(['opened', 'alert', 'diagnosed', 'decided', 'action', 'recovered']),
      )
      const states = incident.timeline
        .filter(({ data }) => data['action'] === action.id)
        .map(({ data }) => data['state'])
      expect(states.filter(Boolean)).toEqual(expect.arrayContaining(['PLANNED', 'STARTED', 'SUCCEEDED', 'VERIFIED']))
      expect(action.reason).toMatch(/^recovered: /)
    }
  })

  it('that are ill again within the cooldown are not acted on again', async () => {
    await healed('looping')
    const labels = { alertname: 'CrashLooping', instance: 'looping', job: 'node', again: 'yes' }

    await fetch(`${lab.alertmanagerUrl}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify([{ labels, endsAt: new Date(Date.now() + 600_000).toISOString() }]),
    })
    const refused = await daemon.waitFor('a refusal', async () => {
      const found = await bookOf(daemon).actionsOn('looping@node')
      return found.find(({ state, reason }) => state === 'REFUSED' && reason.startsWith('cooldown:')) ?? false
    })

    expect(refused.action).toBe('restart')
    expect(restartsOf('looping')).toBe(1)
  })
})

describe('a container of which no alert speaks', () => {
  it('is restarted because the detectors see its leak, and proven to be well by them', async () => {
    const readings = () => watcher.metric('homeostat_ticks_total')
    await watcher.waitFor('a past to compare with', async () => ((await readings()) ?? 0) >= 35, { withinMs: 60_000 })
    expect(await bookOf(watcher).actionsOn(`${UNSPOKEN}@node`)).toEqual([])

    docker.docker('exec', '-d', UNSPOKEN, '/bin/sh', '-c', LEAK)
    const { action, incident } = await healed(UNSPOKEN, watcher)

    expect(action).toMatchObject({ action: 'restart', rule: 'leak', mode: 'auto' })
    expect(action.reason).toMatch(/^recovered: back to normal/)
    expect(restartsOf(UNSPOKEN)).toBe(1)
    expect((await usageOf(docker, UNSPOKEN)).memoryBytes).toBeLessThan(16 * 1024 * 1024)
    expect(incident).toMatchObject({ alerts: [] })
    expect(courseOf(incident)).toEqual(
      expect.arrayContaining(['opened', 'diagnosed', 'decided', 'action', 'recovered']),
    )
  })
})
