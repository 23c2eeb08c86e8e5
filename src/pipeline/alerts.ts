import { type Alert, isDoubtful, isOurs } from '../domain/alert.ts'
import { type Incident, openedByAlert } from '../domain/incident.ts'
import { withAlerts } from '../domain/incident-course.ts'
import type { Target } from '../domain/target.ts'
import { type Beginning, settle } from './incidents.ts'

/** What a delivery brought that was not known before. */
export interface Delivered {
  readonly at: number
  readonly alerts: readonly Alert[]
  /** Alerts that the sender left out. */
  readonly truncated: number
}

/**
 * Tells alerts to the incidents that they belong to: the one that has had the alert before, else the one of its target;
 * an alert that fires opens one where there is none. What is resolved before it fired, and what comes back of our own
 * anomalies, opens none.
 *
 * @param ongoing by target, all that are not closed
 * @returns the incidents that are new or changed; what is closed comes before what opens in its place
 */
export function joinAlerts(
  ongoing: ReadonlyMap<string, Incident>,
  { at, alerts, truncated }: Delivered,
  beginning: Beginning & { readonly targetOf: (alert: Alert) => Target },
): Incident[] {
  const asked = new Set(alerts.map(({ fingerprint }) => fingerprint))
  const targetByFingerprint = new Map<string, string>()
  for (const { target, alerts: own } of ongoing.values()) {
    for (const { fingerprint } of own) if (asked.has(fingerprint)) targetByFingerprint.set(fingerprint, target)
  }
  const byTarget = new Map<string, { target: Target; alerts: Alert[] }>()
  for (const alert of alerts) {
    const before = targetByFingerprint.get(alert.fingerprint)
    const target =
      before === undefined ? beginning.targetOf(alert) : { id: before, labels: ongoing.get(before)!.labels }
    const own = byTarget.get(target.id)
    if (own === undefined) byTarget.set(target.id, { target, alerts: [alert] })
    else own.alerts.push(alert)
  }
  const closed: Incident[] = []
  const changed: Incident[] = []
  for (const { target, alerts: own } of byTarget.values()) {
    const before = ongoing.get(target.id)
    const settled = before && settle(before, at)
    if (settled?.state === 'closed') closed.push(settled)
    const running = settled?.state === 'closed' ? undefined : settled
    const incident = running ?? begin(target, own, at, beginning)
    const after = incident && withAlerts(incident, own, truncated, at)
    if (after !== undefined && after !== before) changed.push(after)
  }
  return [...closed, ...changed]
}

function begin(target: Target, alerts: readonly Alert[], at: number, beginning: Beginning): Incident | undefined {
  const first = alerts.find((one) => (one.status === 'firing' || isDoubtful(one)) && !isOurs(one.labels))
  if (first === undefined) return undefined
  const labels = { ...first.labels, ...target.labels }
  const name = first.labels['alertname'] ?? 'without a name'
  const subject = { labels, group: beginning.groupOf(labels) }
  return openedByAlert(beginning.newId(), target.id, at, subject, `the alert ${name} of ${first.source}`)
}

/**
 * What tells a delivery of an alert from its repetition. A resolved one also stands for the firing it ends: should that
 * arrive later, it is over already.
 */
export function deliveryKeys(alert: Alert): { readonly key: string; readonly also: readonly string[] } {
  const { source, groupKey, fingerprint, startsAt, status } = alert
  const key = (of: string) => [source, groupKey, fingerprint, startsAt, of].join('\n')
  return { key: key(status), also: status === 'resolved' ? [key('firing')] : [] }
}
