import type { Alert } from '../../domain/alert.ts'
import type { ReceiveAlerts } from '../../pipeline/alert-door.ts'

/** One alert as Alertmanager sends it, changed where a test needs it. */
export function alertJson(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    status: 'firing',
    labels: { alertname: 'DiskFull', instance: 'web-1', job: 'node' },
    annotations: { summary: 'the disk is full' },
    startsAt: '2026-11-21T11:59:00.123456789Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
    fingerprint: '4aa7f32130bd7663',
    ...changes,
  }
}

/** A message with alerts, as both senders write it; `version` is left to each. */
export function messageJson(alerts: readonly unknown[], changes: Readonly<Record<string, unknown>> = {}) {
  const group = { groupKey: '{}:{alertname="DiskFull"}', truncatedAlerts: 0, status: 'firing', receiver: 'homeostat' }
  return { ...group, groupLabels: {}, commonLabels: {}, commonAnnotations: {}, alerts, ...changes }
}

export interface FakeIntake {
  readonly receive: ReceiveAlerts
  readonly calls: { readonly alerts: readonly Alert[]; readonly truncated: number; readonly reason?: string }[]
}

/** Takes alerts and tells repetitions as the store does: by source, group, fingerprint, start and status. */
export function fakeIntake(): FakeIntake {
  const known = new Set<string>()
  const calls: FakeIntake['calls'][number][] = []
  return {
    calls,
    async receive(alerts, truncated, reason) {
      calls.push({ alerts, truncated, reason })
      const fresh = new Set<string>()
      for (const { source, groupKey, fingerprint, startsAt, status } of alerts) {
        const key = JSON.stringify([source, groupKey, fingerprint, startsAt, status])
        if (!known.has(key)) fresh.add(key)
        known.add(key)
      }
      return { taken: fresh.size, repeated: alerts.length - fresh.size, incidents: [...fresh] }
    },
  }
}
