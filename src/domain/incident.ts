import { type Contribution, severityOf } from './verdict.ts'

/**
 * One episode of anomaly of one target. `opened` as long as the anomaly lasts, `recovered` when it is over but may still
 * come back, `closed` for good.
 */
export interface Incident {
  /** Time-ordered: ids compare as the incidents opened. */
  readonly id: string
  readonly target: string
  readonly state: 'opened' | 'recovered' | 'closed'
  /** Times are ms since the epoch. */
  readonly openedAt: number
  /** When the anomaly ended, or the target was given up; undefined while it goes on. */
  readonly endedAt?: number
  /** At its highest, to within a twentieth. */
  readonly level: number
  /** Severity of `level`, 0–1. */
  readonly severity: number
  /** The features that spoke when it opened, strongest first. */
  readonly opening: readonly Contribution[]
  /** The features that spoke when the level was highest. */
  readonly highest: readonly Contribution[]
  /** Oldest first. */
  readonly timeline: readonly TimelineEntry[]
  readonly feedback?: Feedback
  readonly acknowledgedAt?: number
}

/** What a person said of an incident. */
export interface Feedback {
  readonly useful: boolean
  readonly at: number
}

export const TIMELINE_KINDS = [
  'opened',
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
  /** Who: `homeostat`, or `api` for a person or a program that asked by HTTP. */
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
  const empty = { id, target, state: 'opened', openedAt: at, opening: features, timeline: [] } as const
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
