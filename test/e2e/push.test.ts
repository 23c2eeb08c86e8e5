import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
const OVERLOADED = { ...WELL, cpu_percent: 95, request_latency_ms: 420 }

interface Answer {
  readonly anomaly: { readonly detected: boolean; readonly detectors: Readonly<Record<string, number | null>> }
  readonly diagnosis: { readonly cause: string } | null
  readonly decision: {
    readonly rule: string | null
    readonly action: string | null
    readonly verdict: string
    readonly reason: string
  }
  readonly action: { readonly id: string; readonly state: string } | null
}

let dir: string
let daemon: Daemon | undefined

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-push-'))
})
afterEach(async () => {
  await daemon?.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** A daemon in the time of its readings, in which rules act by themselves. */
async function start(config: object = {}): Promise<Daemon> {
  const remediation = { mode: 'auto', guards: { cooldown: { base: '30s' } } }
  daemon = await startDaemon({ config: { remediation, ...config }, args: ['--clock', 'readings'] })
  await daemon.ready()
  return daemon
}

async function ask<T>(path: string): Promise<T> {
  return (await (await fetch(`${daemon!.url}${path}`)).json()) as T
}

async function push(reading: number, metrics: object, service = 'checkout'): Promise<{ status: number; body: Answer }> {
  // A little noise, so that readings are not all alike.
  const noisy = Object.entries(metrics).map(([name, value]) => [
    name,
    name === 'restarts' ? value : value + (reading % 5) / 5,
  ])
  const timestamp = new Date(TEN + reading * READING_MS).toISOString()
  const answer = await fetch(`${daemon!.url}/api/v1/observations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ service, timestamp, labels: { tier: 'web' }, metrics: Object.fromEntries(noisy) }),
  })
  return { status: answer.status, body: (await answer.json()) as Answer }
}

/** Readings from … to before …; what came of each. */
async function pushAll(from: number, to: number, metrics: object, service?: string): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let reading = from; reading < to; reading++) {
    const { status, body } = await push(reading, metrics, service)
    expect(status, JSON.stringify(body)).toBe(200)
    answers.push(body)
  }
  return answers
}

describe('services that push their readings', () => {
  it('go through the whole pipeline in their own time, and effects are dry runs', async () => {
    const { metric, metricsText } = await start()

    const well = await pushAll(0, 40, WELL)
    const ill = await pushAll(40, 52, OVERLOADED)
    await pushAll(52, 70, WELL)

    expect(well[3].anomaly.detectors['zscore']).toBeNull()
    expect(well[4].anomaly.detectors['zscore']).not.toBeNull()
    expect(well[39].anomaly.detectors['isolation_forest']).not.toBeNull()
    expect(well.some(({ anomaly }) => anomaly.detected)).toBe(false)
    expect(ill[0]).toMatchObject({
      anomaly: { detected: true },
      diagnosis: { cause: 'cpu_saturation' },
      decision: { rule: 'cpu-overload', action: 'scale_up', severity: 'high', verdict: 'refuse' },
    })
    expect(ill[1]).toMatchObject({ decision: { verdict: 'execute' }, action: { state: 'PLANNED' } })
    expect(await ask(`/api/v1/actions/${ill[1].action?.id}`)).toMatchObject({
      state: 'VERIFIED',
      call: 'dry run: scale_up checkout@push',
      created_at: '2026-03-02T10:02:03.000Z',
    })
    const { items } = await ask<{ items: { id: string }[] }>('/api/v1/incidents')
    expect(items).toHaveLength(1)
    expect(items[0]).toMatchObject({ target: 'checkout@push', opened_at: '2026-03-02T10:02:00.000Z' })
    expect(await metric('anomaly_detected', { instance: 'checkout', job: 'push' })).toBe(0)
    expect(await metricsText()).not.toContain('tier="web"')
  })

  it('hold a cooldown in the time of the readings', async () => {
    await start()
    await pushAll(0, 40, WELL)
    await pushAll(40, 44, OVERLOADED)
    await pushAll(44, 46, WELL)

    const soon = await pushAll(46, 49, OVERLOADED)
    const later = await pushAll(49, 60, OVERLOADED)

    expect(soon.map(({ decision }) => decision.reason)).toContainEqual(expect.stringMatching(/^cooldown: /))
    expect(later.at(-1)).toMatchObject({ decision: { verdict: 'execute' } })
  })

  it('stand side by side with different metrics, and become stale', async () => {
    const { target, targetIds } = await start()
    const { cpu_percent, memory_percent, request_latency_ms } = WELL
    const fewer = { cpu_percent, memory_percent, request_latency_ms, queue_length: 4 }

    for (let reading = 0; reading < 12; reading++) {
      await push(reading, WELL)
      await push(reading, fewer, 'mailer')
    }
    await pushAll(12, 60, WELL)

    await daemon!.waitFor('staleness', async () => (await target('mailer@push')).state === 'stale')
    expect((await target('checkout@push')).state).toBe('fresh')
    expect(await targetIds()).toEqual(['checkout@push', 'mailer@push'])
    expect(await daemon!.metric('anomaly_level', { instance: 'mailer' })).toBeUndefined()
  })

  it('need not warm up again after a restart', async () => {
    const send = async (at: number, metrics: object) => {
      const body = JSON.stringify({ service: 'checkout', timestamp: new Date(at).toISOString(), metrics })
      const headers = { 'Content-Type': 'application/json' }
      const answer = await fetch(`${daemon!.url}/api/v1/observations`, { method: 'POST', headers, body })
      return { status: answer.status, body: (await answer.json()) as Answer }
    }
    const config = { source: { type: 'push' } }
    const from = Date.now() - 120_000
    daemon = await startDaemon({ config, dataDir: dir })
    await daemon.ready()
    for (let i = 0; i < 30; i++) await send(from + i * READING_MS, { ...WELL, cpu_percent: 30 + (i % 5) })

    await daemon.stop()
    daemon = await startDaemon({ config, dataDir: dir })
    await daemon.ready()
    const older = await send(from, WELL)
    const ill = await send(from + 30 * READING_MS, OVERLOADED)

    expect(older.status).toBe(409)
    expect(ill.body).toMatchObject({ anomaly: { detected: true }, diagnosis: { cause: 'cpu_saturation' } })
    expect(ill.body.anomaly.detectors['isolation_forest']).not.toBeNull()
    expect(daemon.warnings()).toEqual([])
  })

  it('are told what is wrong with a reading, and only those who may act are heard', async () => {
    const token = join(dir, 'token')
    writeFileSync(token, 'a-token-that-only-reads')
    await start({ web: { auth: { tokens: [{ name: 'reader', role: 'read', token_file: token }] } } })

    const stranger = await push(0, WELL)
    const reader = await fetch(`${daemon!.url}/api/v1/observations`, {
      method: 'POST',
      headers: { Authorization: 'Bearer a-token-that-only-reads', 'Content-Type': 'application/json' },
      body: '{}',
    })

    expect([stranger.status, reader.status]).toEqual([401, 403])
  })
})
