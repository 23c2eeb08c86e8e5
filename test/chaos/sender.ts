import { setTimeout as sleep } from 'node:timers/promises'
import { JOB } from './effects.ts'

/** A message as Alertmanager posts it. */
export function message(alerts: readonly object[]): string {
  const group = { groupKey: '{}:{alertname="Broken"}', truncatedAlerts: 0, status: 'firing', receiver: 'homeostat' }
  return JSON.stringify({ version: '4', ...group, groupLabels: {}, commonLabels: {}, commonAnnotations: {}, alerts })
}

/** One alert on a target of its own. */
export function alert(instance: string, status: 'firing' | 'resolved' = 'firing', startsAt = START, job = JOB): object {
  const endsAt = status === 'firing' ? '0001-01-01T00:00:00Z' : new Date(Date.now()).toISOString()
  return { status, labels: { alertname: 'Broken', instance, job }, annotations: {}, startsAt, endsAt }
}

/** A minute before the run, so that what ends now has begun before. */
const START = new Date(Date.now() - 60_000).toISOString()

/** Posts once. @returns the status; 0 without an answer */
export async function post(url: string, body: string, withinMs = 20_000): Promise<number> {
  try {
    const headers = { 'Content-Type': 'application/json' }
    const signal = AbortSignal.timeout(withinMs)
    const answer = await fetch(`${url}/api/v1/webhooks/alertmanager`, { method: 'POST', headers, body, signal })
    await answer.text()
    return answer.status
  } catch {
    return 0
  }
}

/** What a sender has been told is kept. */
export interface Sender {
  /** Instances whose alert was acknowledged as firing, and as resolved. */
  readonly fired: ReadonlySet<string>
  readonly resolved: ReadonlySet<string>
  readonly attempts: number
  readonly acknowledged: number
  /** Begins to send until it is acknowledged, as Alertmanager does. */
  fire(instance: string): void
  resolve(instance: string): void
  /** Resolves when everything has been acknowledged. */
  settled(): Promise<void>
  stop(): void
}

/** @param address where to send now; undefined while nobody is there */
export function createSender(address: () => string | undefined): Sender {
  const fired = new Set<string>()
  const resolved = new Set<string>()
  const pending = new Set<Promise<void>>()
  let [attempts, acknowledged, stopped] = [0, 0, false]

  async function deliver(body: string, known: () => void): Promise<void> {
    while (!stopped) {
      const url = address()
      const status = url === undefined ? 0 : await post(url, body, 8000)
      if (url !== undefined) attempts++
      if (status === 202 || status === 200) {
        acknowledged++
        return known()
      }
      await sleep(50)
    }
  }

  function begin(instance: string, status: 'firing' | 'resolved', known: Set<string>): void {
    const work = deliver(message([alert(instance, status)]), () => known.add(instance))
    pending.add(work)
    void work.finally(() => pending.delete(work))
  }

  return {
    fired,
    resolved,
    get attempts() {
      return attempts
    },
    get acknowledged() {
      return acknowledged
    },
    fire: (instance) => begin(instance, 'firing', fired),
    resolve: (instance) => begin(instance, 'resolved', resolved),
    async settled() {
      while (pending.size > 0) await Promise.all(pending)
    },
    stop() {
      stopped = true
    },
  }
}
