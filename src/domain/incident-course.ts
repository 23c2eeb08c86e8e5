import { type Alert, type IncidentAlert, incidentAlert, isDoubtful, isFiring, isOurs } from './alert.ts'
import type { DecisionVerdict, GuardName } from './decision.ts'
import type { Diagnosis } from './diagnosis.ts'
import { easedOff, type Incident, isUnwell, reopened, type TimelineEntry, told } from './incident.ts'

/** Alerts that an incident keeps; a sender that tells one target's alerts apart by the thousand must not fill the disk. */
const ALERTS_KEPT = 200
/** Names that an entry of the timeline lists. */
const NAMES_SHOWN = 5
/** Members that the incident of a root lists. */
const RELATED_KEPT = 100

/**
 * The incident with the newest state of some alerts. What is older than what is known changes nothing.
 *
 * @param truncated alerts that the sender left out, ≥ 0
 * @returns the incident itself when nothing is new
 */
export function withAlerts(incident: Incident, alerts: readonly Alert[], truncated: number, at: number): Incident {
  const known = new Map(incident.alerts.map((alert) => [alert.fingerprint, alert]))
  const changed: Alert[] = []
  for (const alert of alerts) {
    const before = known.get(alert.fingerprint)
    const next = incidentAlert(alert, at)
    if (!isNews(before, next, alert, at)) continue
    known.delete(alert.fingerprint)
    known.set(alert.fingerprint, next)
    changed.push(alert)
  }
  if (changed.length === 0 && truncated === leftOut(incident)) return incident
  const next = told({ ...incident, alerts: kept([...known.values()]) }, at, 'alert', saying(changed, truncated), {
    alerts: changed.length,
    truncated,
  })
  if (next.state === 'recovered' && isUnwell(next)) return reopened(next, at, 'an alert fires again')
  return easedOff(next, at, 'no alert fires')
}

function isNews(before: IncidentAlert | undefined, next: IncidentAlert, alert: Alert, at: number): boolean {
  if (before === undefined) return next.status === 'firing' || isDoubtful(alert)
  // A sender that was restarted may count from another beginning: what ended after we heard of it has ended.
  if (next.status === 'resolved') return before.status === 'firing' && (next.endsAt ?? next.startsAt) >= before.startsAt
  if (before.lapsed === true && next.startsAt === before.startsAt) return at < (next.expiresAt ?? Infinity)
  return next.startsAt > before.startsAt
}

function kept(alerts: Incident['alerts']): Incident['alerts'] {
  if (alerts.length <= ALERTS_KEPT) return alerts
  const firing = alerts.filter(isFiring)
  return [...alerts.filter((alert) => !isFiring(alert)), ...firing].slice(-ALERTS_KEPT)
}

function saying(alerts: readonly Alert[], truncated: number): string {
  const about = (some: readonly Alert[]) => {
    const names = [...new Set(some.map(({ labels }) => labels['alertname'] ?? 'an alert without a name'))]
    const shown = names.slice(0, NAMES_SHOWN).join(', ')
    return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown
  }
  const parts = [
    ['fires', alerts.filter((one) => one.status === 'firing' && !isDoubtful(one) && !isOurs(one.labels))],
    ['is resolved', alerts.filter((one) => one.status === 'resolved' && !isDoubtful(one))],
    ['ended before it began: kept, nothing is done', alerts.filter(isDoubtful)],
    ['is our own anomaly come back', alerts.filter((one) => isOurs(one.labels) && one.status === 'firing')],
  ] as const
  const texts = parts.filter(([, some]) => some.length > 0).map(([what, some]) => `${about(some)} ${what}`)
  if (truncated > 0) texts.push(`the sender left out ${truncated} alerts`)
  return texts.join('; ') || 'the sender says all again'
}

/** Alerts that the sender left out of the newest delivery. */
export function leftOut({ timeline }: Incident): number {
  return Number(timeline.findLast(({ kind }) => kind === 'alert')?.data['truncated'] ?? 0)
}

/** @returns the incident itself when nothing that people would notice has changed */
export function diagnosed(incident: Incident, diagnosis: Diagnosis, at: number): Incident {
  const before = incident.diagnosis
  const next = { ...incident, diagnosis }
  if (before?.cause === diagnosis.cause && before.rootTarget === diagnosis.rootTarget) {
    const same = before.confidence >= diagnosis.confidence
    return same ? incident : next
  }
  // A cause that goes out of sight again while the trouble lasts says nothing against it; one elsewhere explains no more.
  if (diagnosis.cause === 'unknown' && before === undefined) return next
  if (diagnosis.cause === 'unknown' && before?.rootTarget === diagnosis.rootTarget) return incident
  const { cause, confidence, evidence, rootTarget } = diagnosis
  const elsewhere = rootTarget === incident.target ? '' : ` of ${rootTarget}`
  const data = { cause, confidence, root_target: rootTarget }
  return told(next, at, 'diagnosed', `${cause}${elsewhere}: ${evidence.slice(0, 3).join('; ')}`, data)
}

/** A decision in short. */
export interface Ruling {
  readonly verdict: DecisionVerdict
  readonly rule?: string
  readonly action?: string
  /** Who refuses. */
  readonly guard?: GuardName
  /** Those that were asked and did not refuse, in that order. */
  readonly passed?: readonly GuardName[]
  readonly reason: string
}

/** @returns the incident itself when the same was decided before by the same rule and guard */
export function decided(incident: Incident, ruling: Ruling, at: number): Incident {
  const before = incident.decision
  const { verdict, rule, action, guard, passed, reason } = ruling
  if (before?.verdict === verdict && before.rule === rule && before.guard === guard) return incident
  const next = { ...incident, decision: { verdict, rule, guard, reason, at } }
  // That nothing fits is worth a line only where something did before.
  if (verdict === 'none' && before === undefined) return next
  const what = rule === undefined ? verdict : `${rule}: ${verdict} ${action ?? ''}`.trim()
  const words = reason === '' ? undefined : reason
  const data = defined({ verdict, rule, action, guard, passed: passed?.join(' '), reason: words })
  return told(next, at, 'decided', reason === '' ? what : `${what}: ${reason}`, data)
}

/** Something happened to an action of the incident. */
export function acted(
  incident: Incident,
  state: Incident['state'],
  at: number,
  text: string,
  data: TimelineEntry['data'],
  by = 'homeostat',
): Incident {
  return told({ ...incident, state }, at, 'action', text, data, by)
}

/** @returns the incident itself when a person was called before */
export function escalated(incident: Incident, at: number, text: string): Incident {
  if (incident.state === 'escalated') return incident
  return told({ ...incident, state: 'escalated' }, at, 'escalated', text)
}

/** Says that incidents belong together. @returns the incident itself when all are known, or enough are */
export function relatedTo(incident: Incident, others: readonly string[], at: number, text: string): Incident {
  const fresh = others.filter((id) => !incident.related.includes(id) && id !== incident.id)
  const room = RELATED_KEPT - incident.related.length
  if (fresh.length === 0 || room <= 0) return incident
  const related = [...incident.related, ...fresh.slice(0, room)]
  return told({ ...incident, related }, at, 'related', text, { incidents: fresh.length })
}

function defined(data: Readonly<Record<string, string | undefined>>): TimelineEntry['data'] {
  const entries = Object.entries(data).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(entries)
}
