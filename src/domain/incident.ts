import type { IncidentAlert } from './alert.ts'
import type { DecisionVerdict, GuardName } from './decision.ts'
import type { Diagnosis } from './diagnosis.ts'
import { type Contribution, severityOf } from './verdict.ts'

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
  /** Severity of `level`, 0–1. */
  readonly severity: number
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
  'closed',
  'acknowledged',
  'feedback',
] as const
type TimelineKind = (typeof TIMELINE_KINDS)[number]

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

export function opened(id: string, target: string, peak: Peak): Incident {
  const { at } = peak
  const level = finite(peak.level)
  const features = strongest(peak.contributions)
  const empty = {
    id,
    target,
    labels: {},
    group: '',
    state: 'opened',
    openedAt: at,
    anomalous: true,
    alerts: [],
    opening: features,
    step: 0,
    attempts: 0,
    related: [],
    timeline: [],
  } as const
  const text = `level ${rounded(level)}: ${names(features)}`
  return told({ ...empty, level, severity: severityOf(level), highest: features }, at, 'opened', text, { level })
}

/** @returns the incident itself unless the level is higher than all before by a twentieth */
export function risen(incident: Incident, peak: Peak): Incident {
  const level = finite(peak.level)
  if (!(level >= RISE * incident.level)) return incident
  const features = strongest(peak.contributions)
  const next = { ...incident, level, severity: severityOf(level), highest: features }
  const text = `level ${rounded(level)}: ${names(features)}`
  // One entry for a rise, however many ticks it takes.
  const timeline = incident.timeline.at(-1)?.kind === 'rose' ? incident.timeline.slice(0, -1) : incident.timeline
  return told({ ...next, timeline }, peak.at, 'rose', text, { level })
}

/** @param adopted whether the level stayed and the threshold rose to it */
export function recovered(incident: Incident, at: number, adopted = false): Incident {
  const next = { ...incident, state: 'recovered', endedAt: at } as const
  return told(next, at, 'recovered', adopted ? 'it lasted: taken for the new normal' : 'the level is back to normal')
}

export function reopened(incident: Incident, peak: Peak): Incident {
  const level = finite(peak.level)
  const next = { ...incident, state: 'opened', endedAt: undefined } as const
  return risen(told(next, peak.at, 'reopened', `level ${rounded(level)} again`, { level }), peak)
}

/** Nothing more is heard of the target; the incident stays as it is. @returns the incident itself where that is known */
export function silenced(incident: Incident, at: number): Incident {
  return silentSince(incident) === undefined ? told(incident, at, 'no_data', 'no data of the target') : incident
}

export function heardAgain(incident: Incident, at: number): Incident {
  return silentSince(incident) === undefined ? incident : told(incident, at, 'data_back', 'data of the target again')
}

/** Since when nothing is heard of the target; undefined while there is data. */
export function silentSince({ timeline }: Incident): number | undefined {
  const last = timeline.findLast(({ kind }) => kind !== 'acknowledged' && kind !== 'feedback')
  return last?.kind === 'no_data' ? last.at : undefined
}

export function closed(incident: Incident, at: number, text: string): Incident {
  return told({ ...incident, state: 'closed', endedAt: incident.endedAt ?? at }, at, 'closed', text)
}

/** @returns the incident itself when it was acknowledged before */
export function acknowledged(incident: Incident, at: number): Incident {
  if (incident.acknowledgedAt !== undefined) return incident
  return told({ ...incident, acknowledgedAt: at }, at, 'acknowledged', 'acknowledged', {}, 'api')
}

/** @returns the incident itself when the same was said before */
export function judged(incident: Incident, useful: boolean, at: number): Incident {
  if (incident.feedback?.useful === useful) return incident
  const text = useful ? 'called useful' : 'called not useful'
  return told({ ...incident, feedback: { useful, at } }, at, 'feedback', text, { useful }, 'api')
}

function told(
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
