import type { Alert } from '../domain/alert.ts'
import { type Incident, isUnwell } from '../domain/incident.ts'
import { leftOut, withAlerts } from '../domain/incident-course.ts'
import type { Target } from '../domain/target.ts'
import { alertTarget } from './alert-target.ts'
import { joinAlerts } from './alerts.ts'
import type { Attention } from './attention.ts'
import type { Case, Followed } from './cases.ts'
import { factsOf } from './facts.ts'
import type { FleetNow, Seen } from './fleet.ts'
import { followIncidents } from './incidents.ts'

export interface Follower {
  readonly fleet: FleetNow
  readonly attention: Attention
  readonly identity: readonly string[]
  readonly groupOf: (labels: Target['labels']) => string
  readonly newId: (at: number) => string
}

/** So many cases are decided about after one cycle; where more are ill at once, no single target is the cause. */
const CASES_PER_CYCLE = 2000
/** And so many while a sender waits; the others after the next cycle. */
const CASES_PER_DELIVERY = 100

/** The first door: what a cycle saw. */
export function followCycle(before: readonly Incident[], seen: Seen, follower: Follower): Followed {
  const { fleet, attention, groupOf, newId } = follower
  const { at, verdicts, snapshot } = seen
  const known = byTarget(before)
  const cycle = { at, verdicts, complete: snapshot.warnings.length === 0 }
  const changed = followIncidents(known, cycle, { newId: () => newId(at), groupOf })
  const ongoing = merged(known, changed)
  const unwell = new Set<string>()
  for (const [target, incident] of ongoing) if (isUnwell(incident)) unwell.add(target)
  attention.sample(at, unwell, (target) => fleet.verdict(target)?.state !== 'stale')
  const cases = casesOf(ongoing, ongoing.values(), follower, at, new Set()).slice(0, CASES_PER_CYCLE)
  return { at, ongoing, before: known, changed, cases }
}

/** The second door: a delivery of alerts. `repeated` are known, and only said again. */
export interface Delivery {
  readonly at: number
  readonly fresh: readonly Alert[]
  readonly repeated: readonly Alert[]
  readonly truncated: number
  /** The sender only repeats itself: its interval has elapsed. */
  readonly intervalElapsed: boolean
}

export function followAlerts(before: readonly Incident[], delivery: Delivery, follower: Follower): Followed {
  const { fleet, identity, groupOf, newId } = follower
  const { at, fresh, repeated, truncated, intervalElapsed } = delivery
  const known = byTarget(before)
  const targetOf = (alert: Alert) => alertTarget(alert, identity, fleet.known)
  const beginning = { newId: () => newId(at), groupOf, targetOf }
  const joined = joinAlerts(known, { at, alerts: fresh, truncated }, beginning)
  let ongoing = merged(known, joined)
  const again = saidAgain(ongoing, repeated)
  const counted = again
    .filter((incident) => leftOut(incident) !== truncated)
    .map((incident) => withAlerts(incident, [], truncated, at))
  ongoing = merged(ongoing, counted)
  const changed = latest([...joined, ...counted])
  const touched = new Set(changed.map(({ target }) => target))
  const repeats = new Set(intervalElapsed ? again.map(({ target }) => target).filter((id) => !touched.has(id)) : [])
  const concerned = [...touched, ...repeats].flatMap((target) => ongoing.get(target) ?? [])
  const cases = casesOf(ongoing, concerned, follower, at, repeats).slice(0, CASES_PER_DELIVERY)
  return { at, ongoing, before: known, changed, cases }
}

/** Oldest first, so that who was ill first is helped first. */
function casesOf(
  ongoing: ReadonlyMap<string, Incident>,
  concerned: Iterable<Incident>,
  { fleet }: Follower,
  at: number,
  repeats: ReadonlySet<string>,
): Case[] {
  const open = [...concerned].filter((incident) => {
    return (
      isUnwell(incident) &&
      (incident.state === 'opened' || (incident.state === 'escalated' && repeats.has(incident.target)))
    )
  })
  if (open.length === 0) return []
  const health = fleet.health(ongoing.values())
  open.sort((a, b) => (a.id < b.id ? -1 : 1))
  return open.slice(0, CASES_PER_CYCLE).map((incident) => {
    const facts = factsOf(incident, fleet, health, at)
    return { incident, facts, repeated: repeats.has(incident.target) }
  })
}

function saidAgain(ongoing: ReadonlyMap<string, Incident>, alerts: readonly Alert[]): Incident[] {
  if (alerts.length === 0) return []
  const fingerprints = new Set(alerts.map(({ fingerprint }) => fingerprint))
  return [...ongoing.values()].filter((one) => one.alerts.some(({ fingerprint }) => fingerprints.has(fingerprint)))
}

function byTarget(incidents: readonly Incident[]): Map<string, Incident> {
  return new Map(incidents.map((incident) => [incident.target, incident]))
}

/** What is ongoing after some of it has changed; later ones replace earlier ones. */
export function merged(known: ReadonlyMap<string, Incident>, changed: readonly Incident[]): Map<string, Incident> {
  const ongoing = new Map(known)
  for (const incident of changed) {
    if (incident.state !== 'closed') ongoing.set(incident.target, incident)
    else if (ongoing.get(incident.target)?.id === incident.id) ongoing.delete(incident.target)
  }
  return ongoing
}

/** Only the newest version of each, in the order in which they first came. */
export function latest(incidents: readonly Incident[]): Incident[] {
  return [...new Map(incidents.map((incident) => [incident.id, incident])).values()]
}
