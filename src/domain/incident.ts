import { type IncidentAlert, isFiring } from './alert.ts'
import type { DecisionVerdict, GuardName } from './decision.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { Contribution } from './verdict.ts'

/**
 * opened: going on, nothing done yet; acting: an action is planned or under way; verifying: it is done, its effect is
 * looked for; escalated: a person is needed; recovered: over, but may still come back; closed: over for good.
 */
export const INCIDENT_STATES = ['opened', 'acting', 'verifying', 'escalated', 'recovered', 'closed'] as const
export type IncidentState = (typeof INCIDENT_STATES)[number]

/** One episode of trouble of one target, from its first anomaly or alert to recovery. */
export interface Incident {
  /** Time-ordered: ids compare as the incidents opened. */
  readonly id: string
  readonly target: string
  /** The target's identity labels, and those of the alert that opened it. */
  readonly labels: Readonly<Record<string, string>>
  /** The group that the target's safety is counted in: the value of the grouping label, the job by default. */
  readonly group: string
  readonly state: IncidentState
  /** Times are ms since the epoch. */
  readonly openedAt: number
  /** When anomaly and alerts had ended, or the target was given up; undefined while it goes on. */
  readonly endedAt?: number
  /** Whether the detectors call the target anomalous now. */
  readonly anomalous: boolean
  /** Every alert that was part of it, in its newest state. */
  readonly alerts: readonly IncidentAlert[]
  /** At its highest, to within a twentieth; 0 where only alerts speak. */
  readonly level: number
  /** The features that spoke when it opened, strongest first. */
  readonly opening: readonly Contribution[]
  /** The features that spoke when the level was highest. */
  readonly highest: readonly Contribution[]
  readonly diagnosis?: Diagnosis
  /** The newest decision, so that only a change is written down. */
  readonly decision?: DecisionMark
  /** Place on the ladder of the rule that acts: 0 until a step has failed. */
  readonly step: number
  /** Actions planned so far. */
  readonly attempts: number
  /** Incidents of other targets that belong to it: those explained by this one as their root, or the root itself. */
  readonly related: readonly string[]
  /** Oldest first. */
  readonly timeline: readonly TimelineEntry[]
  readonly feedback?: Feedback
  readonly acknowledgedAt?: number
}

/** What was decided last, and why. */
export interface DecisionMark {
  readonly rule?: string
  readonly verdict: DecisionVerdict
  readonly guard?: GuardName
  readonly reason: string
  readonly at: number
}

/** What a person said of an incident. */
export interface Feedback {
  readonly useful: boolean
  readonly at: number
}

export const TIMELINE_KINDS = [
  'opened',
  'alert',
  'diagnosed',
  'decided',
  'action',
  'escalated',
  'silenced',
  'related',
  'rose',
  'no_data',
  'data_back',
  'recovered',
  'reopened',
  'anomaly',
  'closed',
  'acknowledged',
  'feedback',
] as const
export type TimelineKind = (typeof TIMELINE_KINDS)[number]

export interface TimelineEntry {
  readonly at: number
  readonly kind: TimelineKind
  /** Who: `homeostat`, `api` or `api:NAME` for who asked by HTTP, `telegram:ID`. */
  readonly by: string
  readonly text: string
  readonly data: Readonly<Record<string, string | number | boolean>>
}

/** A level at one time, and the features behind it. */
export interface Peak {
  readonly at: number
  readonly level: number
  readonly contributions: readonly Contribution[]
}

/** Features kept with an incident; the rest of a wide one says little more. */
const FEATURES_KEPT = 10
/** Entries kept in a timeline: the first, and the newest; a target that flaps for days must not fill the disk. */
const ENTRIES_KEPT = 100
/** A level counts as higher from here on, so that a rise is written down a few times and not at every tick. */
const RISE = 1.05

/** What an incident is of: a target, and the group that its safety is counted in. */
export interface Subject {
  readonly labels: Readonly<Record<string, string>>
  readonly group: string
}

const NOBODY: Subject = { labels: {}, group: '' }

/** An incident that begins with an anomaly. */
export function opened(id: string, target: string, peak: Peak, subject = NOBODY): Incident {
  const level = finite(peak.level)
  const features = strongest(peak.contributions)
  const begun = { ...empty(id, target, peak.at, subject), anomalous: true, opening: features }
  const text = `level ${rounded(level)}: ${names(features)}`
  return told({ ...begun, level, highest: features }, peak.at, 'opened', text, { level })
}

/** An incident that begins with an alert, which is still to be added. */
export function openedByAlert(id: string, target: string, at: number, subject: Subject, text: string): Incident {
  return told(empty(id, target, at, subject), at, 'opened', text)
}

function empty(id: string, target: string, at: number, { labels, group }: Subject): Incident {
  const nothing = { alerts: [], opening: [], highest: [], related: [], timeline: [] } as const
  const counts = { level: 0, step: 0, attempts: 0 }
  return { id, target, labels, group, state: 'opened', openedAt: at, anomalous: false, ...nothing, ...counts }
}

/** Whether the anomaly, or an alert, is still there. */
export function isUnwell({ anomalous, alerts }: Incident): boolean {
  return anomalous || alerts.some(isFiring)
}

/** @returns the incident itself unless the level is higher than all before by a twentieth */
export function risen(incident: Incident, peak: Peak): Incident {
  const level = finite(peak.level)
  if (!(level >= RISE * incident.level)) return incident
  const features = strongest(peak.contributions)
  const next = { ...incident, level, highest: features }
  const text = `level ${rounded(level)}: ${names(features)}`
  // One entry for a rise, however many ticks it takes.
  const timeline = incident.timeline.at(-1)?.kind === 'rose' ? incident.timeline.slice(0, -1) : incident.timeline
  return told({ ...next, timeline }, peak.at, 'rose', text, { level })
}

/** The detectors call the target anomalous: for the first time in this incident, again, or still. */
export function alarmed(incident: Incident, peak: Peak): Incident {
  if (incident.anomalous) return risen(incident, peak)
  const level = finite(peak.level)
  const text = `level ${rounded(level)}: ${names(peak.contributions)}`
  const opening = incident.opening.length === 0 ? strongest(peak.contributions) : incident.opening
  const anomalous = { ...incident, anomalous: true, opening }
  if (incident.state === 'recovered') return risen(reopened(anomalous, peak.at, `level ${rounded(level)} again`), peak)
  return risen(told(anomalous, peak.at, 'anomaly', text, { level }), peak)
}

/** The anomaly is over; the incident is, too, unless alerts still fire. */
export function calmed(incident: Incident, at: number, adopted = false): Incident {
  if (!incident.anomalous) return incident
  const text = adopted ? 'it lasted: taken for the new normal' : 'the level is back to normal'
  const calm = { ...incident, anomalous: false }
  const over = easedOff(calm, at, text)
  return over === calm ? told(calm, at, 'anomaly', text) : over
}

/**
 * An incident whose trouble is over has recovered, unless an action is under way: then it is the action's verification
 * that says so.
 *
 * @returns the incident itself when it goes on
 */
export function easedOff(incident: Incident, at: number, text: string): Incident {
  const waiting = incident.state === 'opened' || incident.state === 'escalated'
  return waiting && !isUnwell(incident) ? recovered(incident, at, text) : incident
}

export function recovered(incident: Incident, at: number, text: string): Incident {
  return told({ ...incident, state: 'recovered', endedAt: at }, at, 'recovered', text)
}

export function reopened(incident: Incident, at: number, text: string): Incident {
  return told({ ...incident, state: 'opened', endedAt: undefined }, at, 'reopened', text)
}

/** Nothing more is heard of the target; the incident stays as it is. @returns the incident itself where that is known */
export function silenced(incident: Incident, at: number): Incident {
  return silentSince(incident) === undefined ? told(incident, at, 'no_data', 'no data of the target') : incident
}

export function heardAgain(incident: Incident, at: number): Incident {
  return silentSince(incident) === undefined ? incident : told(incident, at, 'data_back', 'data of the target again')
}

/** Entries that are made with data of the target, or say that there are none. */
const DATA_KINDS = new Set<TimelineKind>(['no_data', 'data_back', 'recovered', 'reopened', 'anomaly', 'rose'])

/** Since when nothing is heard of the target; undefined while there is data. */
export function silentSince({ timeline }: Incident): number | undefined {
  const last = timeline.findLast(({ kind }) => DATA_KINDS.has(kind))
  return last?.kind === 'no_data' ? last.at : undefined
}

export function closed(incident: Incident, at: number, text: string): Incident {
  return told({ ...incident, state: 'closed', endedAt: incident.endedAt ?? at }, at, 'closed', text)
}

/** @returns the incident itself when it was acknowledged before */
export function acknowledged(incident: Incident, at: number, by = 'api'): Incident {
  if (incident.acknowledgedAt !== undefined) return incident
  return told({ ...incident, acknowledgedAt: at }, at, 'acknowledged', 'acknowledged', {}, by)
}

/** @returns the incident itself when the same was said before */
export function judged(incident: Incident, useful: boolean, at: number, by = 'api'): Incident {
  if (incident.feedback?.useful === useful) return incident
  const text = useful ? 'called useful' : 'called not useful'
  return told({ ...incident, feedback: { useful, at } }, at, 'feedback', text, { useful }, by)
}

/** The incident with one more entry in its timeline. */
export function told(
  incident: Incident,
  at: number,
  kind: TimelineKind,
  text: string,
  data: TimelineEntry['data'] = {},
  by = 'homeostat',
): Incident {
  const timeline = [...incident.timeline, { at, kind, by, text, data }]
  if (timeline.length > ENTRIES_KEPT) timeline.splice(1, timeline.length - ENTRIES_KEPT)
  return { ...incident, timeline }
}

function strongest(contributions: readonly Contribution[]): readonly Contribution[] {
  return contributions.slice(0, FEATURES_KEPT)
}

function names(contributions: readonly Contribution[]): string {
  const three = contributions.slice(0, 3).map(({ feature }) => feature)
  return three.length === 0 ? 'no feature stands out' : three.join(', ')
}

function finite(level: number): number {
  return Math.min(level, Number.MAX_VALUE)
}

function rounded(level: number): number {
  return Number(level.toPrecision(3))
}
