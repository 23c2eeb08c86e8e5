import type { Alert } from '../domain/alert.ts'
import { notedAgain, withoutLapsed } from '../domain/alert-expiry.ts'
import { type Incident, isUnwell } from '../domain/incident.ts'
import { leftOut, withAlerts } from '../domain/incident-course.ts'
import type { Target } from '../domain/target.ts'
import type { Verdict } from '../domain/verdict.ts'
import { alertTarget } from './alert-target.ts'
import { joinAlerts } from './alerts.ts'
import type { Attention } from './attention.ts'
import type { Case, Followed } from './cases.ts'
import { factsOf } from './facts.ts'
import type { FleetHealth, FleetNow, Seen } from './fleet.ts'
import { followIncidents } from './incidents.ts'

export interface Follower {
  readonly fleet: FleetNow
  readonly attention: Attention
  readonly identity: readonly string[]
  readonly groupOf: (labels: Target['labels']) => string
  readonly newId: (at: number) => string
  /** How long an alert counts that nobody says again. */
  readonly alertTimeoutMs: number
}

/** So many cases are decided about after one cycle; where more are ill at once, no single target is the cause. */
const CASES_PER_CYCLE = 300
/** Which of thousands belongs to which helps nobody, and costs a write each. */
const LINKS_PER_CYCLE = 200
/** And so many while a sender waits; the others after the next cycle. */
const CASES_PER_DELIVERY = 100

/** The first door: what a cycle saw. @param since the cycle before, ms since the epoch */
export function followCycle(before: readonly Incident[], seen: Seen, since: number, follower: Follower): Followed {
  const { fleet, attention, groupOf, newId } = follower
  const { at, verdicts, snapshot } = seen
  const known = byTarget(before)
  // Services are followed reading by reading; here it is seen when they fall silent.
  const cycle = { at, verdicts: [...verdicts, ...fleet.pushed()], complete: snapshot.warnings.length === 0 }
  const followed = followIncidents(known, cycle, { newId: () => newId(at), groupOf })
  const lapsed = lapsedAmong(merged(known, followed).values(), at, follower.alertTimeoutMs)
  const changed = latest([...followed, ...lapsed])
  const ongoing = merged(known, changed)
  const unwell = new Set<string>()
  for (const [target, incident] of ongoing) if (isUnwell(incident) && !fleet.isPushed(target)) unwell.add(target)
  attention.sample(at, unwell, (target) => !fleet.isPushed(target) && fleet.verdict(target)?.state !== 'stale')
  const open = [...ongoing.values()].filter(isOpen)
  const cases = open.length === 0 ? [] : casesOf(turn(open, at), fleet.health(ongoing.values()), follower, at)
  const unlinked = [...ongoing.values()].filter(({ openedAt }) => openedAt > since).slice(0, LINKS_PER_CYCLE)
  return { at, ongoing, before: known, changed, unlinked, cases, inCycle: true }
}

/**
 * The third door: one reading of a service.
 *
 * @param heard the reading's verdict, with all labels of the service
 */
export function followReading(before: readonly Incident[], heard: Verdict, at: number, follower: Follower): Followed {
  const { fleet, attention, groupOf, newId } = follower
  const { id } = heard.target
  const known = byTarget(before)
  const own = new Map([...known].filter(([target]) => target === id))
  const cycle = { at, verdicts: [heard], complete: false }
  const changed = followIncidents(own, cycle, { newId: () => newId(at), groupOf })
  const ongoing = merged(known, changed)
  const now = ongoing.get(id)
  attention.sampleOne(id, heard.at, now !== undefined && isUnwell(now))
  const health = fleet.health(ongoing.values())
  const cases = now !== undefined && isOpen(now) ? casesOf([now], health, follower, at) : []
  return { at, ongoing, before: known, changed, unlinked: [], health, cases, inCycle: true }
}

/** The second door: a delivery of alerts. `repeated` are known, and only said again. */
export interface Delivery {
  readonly at: number
  readonly fresh: readonly Alert[]
  readonly repeated: readonly Alert[]
  readonly truncated: number
  /** The sender only repeats itself: its interval has elapsed. */
  readonly intervalElapsed: boolean
  readonly health: FleetHealth
}

/**
 * Only incidents of the targets concerned are looked at: a sender waits. What an alert begins is decided about after
 * the next cycle, as it has to hold for one at least.
 */
export function followAlerts(before: readonly Incident[], delivery: Delivery, follower: Follower): Followed {
  const { fleet, attention, identity, groupOf, newId } = follower
  const { at, fresh, repeated, truncated, intervalElapsed, health } = delivery
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
  const noted = notedAmong(ongoing, [...fresh, ...repeated], at, follower.alertTimeoutMs)
  ongoing = merged(ongoing, noted)
  const changed = latest([...joined, ...counted, ...noted])
  // That something was only said again gives no reason to decide anew.
  const touched = new Set([...joined, ...counted].map(({ target }) => target))
  const repeats = new Set(intervalElapsed ? again.map(({ target }) => target).filter((id) => !touched.has(id)) : [])
  const concerned = [...touched, ...repeats].flatMap((target) => ongoing.get(target) ?? [])
  const open = concerned.filter((one) => isOpen(one) || (one.state === 'escalated' && repeats.has(one.target)))
  const held = open.filter((one) => isUnwell(one) && attention.heldCycles(one.target) > 0)
  const cases = casesOf(oldestFirst(held).slice(0, CASES_PER_DELIVERY), health, follower, at, repeats)
  return { at, ongoing, before: known, changed, unlinked: [], health, cases, inCycle: false }
}

/** Where there are more than can be decided about, another part of them each cycle: nobody is forgotten for good. */
function turn(open: Incident[], at: number): Incident[] {
  if (open.length <= CASES_PER_CYCLE) return open
  const from = Math.floor(at / 1000) % open.length
  return [...open.slice(from), ...open.slice(0, from)].slice(0, CASES_PER_CYCLE)
}

function isOpen(incident: Incident): boolean {
  return incident.state === 'opened' && isUnwell(incident)
}

/** So that who was ill first is helped first. */
function oldestFirst(incidents: readonly Incident[]): Incident[] {
  return [...incidents].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Oldest first. */
function casesOf(
  open: readonly Incident[],
  health: FleetHealth,
  { fleet }: Follower,
  at: number,
  repeats: ReadonlySet<string> = new Set(),
): Case[] {
  return oldestFirst(open).map((incident) => {
    return { incident, facts: factsOf(incident, fleet, health, at), repeated: repeats.has(incident.target) }
  })
}

function saidAgain(ongoing: ReadonlyMap<string, Incident>, alerts: readonly Alert[]): Incident[] {
  if (alerts.length === 0) return []
  const fingerprints = new Set(alerts.map(({ fingerprint }) => fingerprint))
  return [...ongoing.values()].filter((one) => one.alerts.some(({ fingerprint }) => fingerprints.has(fingerprint)))
}

/** Incidents with alerts that were said again, where that is worth a note. */
function notedAmong(
  ongoing: ReadonlyMap<string, Incident>,
  alerts: readonly Alert[],
  at: number,
  timeoutMs: number,
): Incident[] {
  const said = new Map(alerts.map((alert) => [alert.fingerprint, alert]))
  return [...ongoing.values()].flatMap((incident) => {
    const own = incident.alerts.flatMap(({ fingerprint }) => said.get(fingerprint) ?? [])
    const next = notedAgain(incident, own, at, timeoutMs)
    return next === incident ? [] : [next]
  })
}

function lapsedAmong(incidents: Iterable<Incident>, at: number, timeoutMs: number): Incident[] {
  return [...incidents].flatMap((incident) => {
    const next = withoutLapsed(incident, at, timeoutMs)
    return next === incident ? [] : [next]
  })
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
