import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'

const TEN = Date.parse('2026-03-02T10:00:00Z')
const READING_MS = 3000
const WELL = {
  cpu_percent: 30,
  memory_percent: 48,
  request_latency_ms: 80,
  error_rate_percent: 1,
  requests_per_second: 120,
  restarts: 0,
}
const OVERLOADED = { ...WELL, cpu_percent: 95, request_latency_ms: 900 }
const WAITING = { ...WELL, request_latency_ms: 340 }
/** By service, its readings while the payments are overloaded; whoever calls them waits. */
const CASCADE = { payments: OVERLOADED, checkout: WAITING, gateway: WAITING, search: WELL }
const SERVICES = Object.keys(CASCADE) as (keyof typeof CASCADE)[]

const config = {
  remediation: { mode: 'auto' },
  topology: { dependencies: { gateway: ['checkout', 'search'], checkout: ['payments'] } },
}

interface Answer {
  readonly diagnosis: { readonly cause: string; readonly root_target: string; readonly evidence: string[] } | null
  readonly decision: { readonly rule: string | null; readonly verdict: string; readonly reason: string }
  readonly action: { readonly target?: string; readonly state: string } | null
}

interface IncidentAnswer {
  readonly id: string
  readonly target: string
  readonly state: string
  readonly cause: string
  readonly related: readonly string[]
  readonly actions: readonly { readonly target: string; readonly action: string }[]
}

let dataDir: string
let daemon: Daemon
let reading = 0
const answers = new Map<string, Answer[]>(SERVICES.map((name) => [name, []]))

async function ask<T>(path: string, body?: object): Promise<T> {
  const headers = { 'Content-Type': 'application/json' }
  const init = body === undefined ? undefined : { method: 'POST', headers, body: JSON.stringify(body) }
  const answer = await fetch(`${daemon.url}/api/v1/${path}`, init)
  expect(answer.status, `${path}: ${await answer.clone().text()}`).toBe(200)
  return (await answer.json()) as T
}

/** One reading of every service, those called before those that call them. */
async function pushAll(count: number, shown: Readonly<Record<keyof typeof CASCADE, typeof WELL>>): Promise<void> {
  for (let i = 0; i < count; i++, reading++) {
    // A little noise, so that readings are not all alike.
    const noise = (reading % 5) / 5
    const timestamp = new Date(TEN + reading * READING_MS).toISOString()
    for (const service of SERVICES) {
      const { restarts, ...five } = shown[service]
      const noisy = Object.fromEntries(Object.entries(five).map(([name, value]) => [name, value + noise]))
      const metrics = { ...noisy, restarts }
      answers.get(service)!.push(await ask('observations', { service, timestamp, metrics }))
    }
  }
}

const ALL_WELL = { payments: WELL, checkout: WELL, gateway: WELL, search: WELL }

async function incidents(): Promise<ReadonlyMap<string, IncidentAnswer>> {
  const { items } = await ask<{ items: { id: string }[] }>('incidents')
  const all = await Promise.all(items.map(({ id }) => ask<IncidentAnswer>(`incidents/${id}`)))
  return new Map(all.map((one) => [one.target, one]))
}

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'homeostat-cascade-'))
  daemon = await startDaemon({ config, dataDir, args: ['--clock', 'readings'] })
  await daemon.ready()
  await pushAll(40, ALL_WELL)
  await pushAll(6, CASCADE)
}, 60_000)
afterAll(async () => {
  await daemon?.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

it('the decision goes to the root of a cascade, and whoever only calls it is noted, not acted on', async () => {
  const [root, caller, edge] = ['payments', 'checkout', 'gateway'].map((name) => answers.get(name)!.at(-1)!)
  expect(root).toMatchObject({
    diagnosis: { cause: 'cpu_saturation', root_target: 'payments@push' },
    decision: { rule: 'cpu-overload', verdict: 'execute' },
  })
  for (const dependant of [caller, edge]) {
    expect(dependant).toMatchObject({
      diagnosis: { cause: 'dependency_failing', root_target: 'payments@push' },
      action: null,
    })
    expect(dependant.decision.verdict).not.toBe('execute')
  }

  const all = await incidents()
  const rootIncident = all.get('payments@push')!
  const dependants = [all.get('checkout@push')!, all.get('gateway@push')!]
  expect(rootIncident.actions).toEqual([expect.objectContaining({ target: 'payments@push', action: 'scale_up' })])
  expect([...rootIncident.related].sort()).toEqual(dependants.map(({ id }) => id).sort())
  for (const { actions, related } of dependants) {
    expect(actions).toEqual([])
    expect(related).toContain(rootIncident.id)
  }
  expect(all.has('search@push')).toBe(false)
})

it('KPIs are those of the incidents on disk, after a restart as before it', async () => {
  await pushAll(20, ALL_WELL)
  const rootIncident = (await incidents()).get('payments@push')!
  expect(rootIncident.state).toBe('recovered')
  await ask(`incidents/${rootIncident.id}/feedback`, { useful: true })
  const period = `from=${new Date(TEN).toISOString()}&to=${new Date(TEN + 3_600_000).toISOString()}`
  const before = await ask<Record<string, unknown>>(`kpis?${period}`)

  await daemon.stop()
  daemon = await startDaemon({ config, dataDir, args: ['--clock', 'readings'] })
  await daemon.ready()
  const after = await ask<Record<string, unknown>>(`kpis?${period}`)

  expect(before).toMatchObject({
    incidents: 3,
    detections: { true: 1, false: 0, unknown: 2 },
    missed: 0,
    detection_rate: 1,
    false_positive_rate: 0,
  })
  expect(after).toEqual(before)
})
