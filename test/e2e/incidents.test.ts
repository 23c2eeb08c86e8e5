import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRandom } from '../../src/domain/random.ts'
import { createHistory } from '../../src/store/history/history.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'

const FEATURES = ['memory_used_ratio', 'memory_active_ratio', 'memory_cached_ratio', 'swap_used']
const STEP_MS = 300_000
const DAYS = 6
const GIB = 2 ** 30

/** What the host's page says now. */
const host = { active: 0.4 }
let server: Server
let target: string
let config: Readonly<Record<string, unknown>>
let dataDir: string
let daemon: Daemon

interface IncidentAnswer {
  readonly id: string
  readonly target: string
  readonly state: string
  readonly severity: number
  readonly cause: string | null
  readonly closed_at: string | null
  readonly feedback: { readonly useful: boolean } | null
  readonly contributions: readonly { readonly feature: string; readonly actual: number }[]
  readonly timeline: readonly { readonly kind: string }[]
}

function page(): string {
  const jitter = () => 0.005 * (Math.random() - 0.5)
  const bytes = {
    MemTotal: 16,
    MemAvailable: 16 * (0.5 + jitter()),
    Active: 16 * (host.active + jitter()),
    Cached: 16 * (0.2 + jitter()),
    SwapTotal: 4,
    SwapFree: 4,
  }
  return Object.entries(bytes)
    .map(([name, gib]) => `# TYPE node_memory_${name}_bytes gauge\nnode_memory_${name}_bytes ${gib * GIB}\n`)
    .join('')
}

/** Days of the host before the daemon first ran: quiet, but for a short peak every few hours, each of another height. */
async function makeHistory(until: number): Promise<void> {
  const history = createHistory(FEATURES, { dir: join(dataDir, 'history'), retentionMs: 30 * 86_400_000 })
  const random = createRandom(3)
  const noise = () => 0.005 * (random() - 0.5)
  const rows = (DAYS * 86_400_000) / STEP_MS
  for (let row = 0; row < rows; row++) {
    const at = until - (rows - row) * STEP_MS
    const peak = row % 36 === 35 ? 0.1 + 0.2 * random() : 0
    const values = Float64Array.of(0.5 + noise(), 0.4 + peak + noise(), 0.2 + noise(), 0)
    const [instance, job] = target.split('@')
    const known = { id: target, labels: { instance, job } }
    const sampledAt = Float64Array.of(at)
    await history.record({ at, features: FEATURES, targets: [known], values, sampledAt, warnings: [] })
  }
}

beforeAll(async () => {
  server = createServer((_req, res) => res.setHeader('Content-Type', 'text/plain; version=0.0.4').end(page()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  target = `${address}@node`
  dataDir = mkdtempSync(join(tmpdir(), 'homeostat-incidents-'))
  await makeHistory(Date.now())
  config = {
    interval: '1s',
    source: { type: 'node_exporter', node_exporter: { urls: [`http://${address}/metrics`], rate_window: '3s' } },
    features: { include: FEATURES },
    targets: { stale_after: '5s' },
    threshold: { alarms_per_day: 4, max_alarm_time: '20%' },
  }
  daemon = await startDaemon({ config, dataDir })
  await daemon.ready()
  await daemon.waitFor('a score of the model', async () => (await daemon.target(target)).score !== null)
})
afterAll(async () => {
  await daemon?.stop()
  server?.close()
  rmSync(dataDir, { recursive: true, force: true })
})

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(`${daemon.url}/api/v1/${path}`)
  expect(answer.status, path).toBe(200)
  return (await answer.json()) as T
}

const newest = async () => (await get<{ items: IncidentAnswer[] }>(`incidents?target=${target}`)).items[0]
const post = (path: string, body?: unknown) =>
  fetch(`${daemon.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
const detail = () => get<{ alarms_per_day: number; threshold: number; detected: boolean }>(`targets/${target}`)

it('opens an incident when a host jumps, takes feedback on it, and keeps both over a restart', async () => {
  await daemon.waitFor('calm', async () => !(await detail()).detected)
  expect((await detail()).alarms_per_day).toBe(4)

  host.active = 0.95
  const found = await daemon.waitFor('an incident', async () => {
    const incident = await newest()
    return incident?.state === 'opened' && incident
  })
  expect(found).toMatchObject({ target, cause: expect.stringMatching(/^memory_/), closed_at: null })
  expect(found.severity).toBeGreaterThan(0.5)
  const { contributions, timeline } = await get<IncidentAnswer>(`incidents/${found.id}`)
  expect(contributions[0]).toMatchObject({ feature: 'memory_active_ratio', actual: expect.closeTo(0.95, 1) })
  expect(timeline[0].kind).toBe('opened')
  expect(await daemon.metric('homeostat_incidents_total', { outcome: 'opened' })).toBeGreaterThanOrEqual(1)

  const acknowledged = await post(`incidents/${found.id}/acknowledge`)
  expect(acknowledged.status).toBe(200)

  host.active = 0.4
  const ended = await daemon.waitFor('its end', async () => {
    const incident = await newest()
    return incident?.state === 'recovered' && incident
  })
  expect(ended).toMatchObject({ id: found.id, closed_at: expect.stringMatching(/Z$/) })

  const { threshold } = await detail()
  const answer = await post(`incidents/${found.id}/feedback`, { useful: false })
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({ id: found.id, feedback: { useful: false } })
  expect((await detail()).alarms_per_day).toBeCloseTo(4 * 0.8, 12)
  await daemon.waitFor('a higher threshold', async () => (await detail()).threshold > threshold)
  expect(await daemon.metric('homeostat_incidents_total', { outcome: 'not_useful' })).toBe(1)

  expect((await fetch(`${daemon.url}/-/reload`, { method: 'POST' })).status).toBe(200)
  await daemon.waitFor('the budget after a reload', async () => (await detail()).alarms_per_day < 4)

  const change = {
    targets: [target, 'new@node'],
    from: '2026-01-01T00:00:00Z',
    to: '2026-01-01T01:00:00Z',
    text: 'release 42',
  }
  const marked = await post('changes', change)
  expect(marked.status).toBe(201)
  expect(await marked.json()).toMatchObject({ unknown_targets: ['new@node'] })

  await daemon.stop()
  daemon = await startDaemon({ config, dataDir })
  await daemon.ready()

  expect(await get<IncidentAnswer>(`incidents/${found.id}`)).toMatchObject({ feedback: { useful: false } })
  await daemon.waitFor('the threshold again', async () => (await detail()).threshold > threshold)
  expect((await detail()).alarms_per_day).toBeCloseTo(4 * 0.8, 12)
}, 90_000)
