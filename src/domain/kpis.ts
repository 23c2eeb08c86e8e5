import { type IncidentAlert, isOurs } from './alert.ts'
import type { Incident } from './incident.ts'

/** What an incident turned out to be, as far as anybody has said. */
export type Judgement = 'true' | 'false' | 'unknown'

/** A mean, and of how many; NaN of none. */
export interface Mean {
  readonly mean: number
  readonly of: number
}

/** How well trouble was detected in a period; NaN where nothing can be said. Times in seconds. */
export interface Kpis {
  /** The period, ms since the epoch: incidents that opened at or after `from`, and before `to`. */
  readonly from: number
  readonly to: number
  readonly incidents: number
  /** Incidents in which the detectors spoke, by what they turned out to be. */
  readonly detections: Readonly<Record<Judgement, number>>
  /** True incidents of which only alerts spoke. */
  readonly missed: number
  /** Of the true incidents, those in which the detectors spoke, 0–1. */
  readonly detectionRate: number
  /** Of the judged detections, the false ones, 0–1. */
  readonly falsePositiveRate: number
  /** False detections a day. */
  readonly falseAlarmsPerDay: number
  /** From the first sign anybody had to the first word of the detectors, over true incidents. */
  readonly timeToDetect: Mean
  /** How far the detectors were ahead of the first alert, where an alert followed; below 0 where it came first. */
  readonly leadOverAlerts: Mean
  /** From the opening to the end, of incidents that were not false. */
  readonly timeToRecover: Mean
  /** The same for those in which something was done, and for those in which nothing was. */
  readonly timeToRecoverActed: Mean
  readonly timeToRecoverAlone: Mean
}

const DAY_MS = 86_400_000
const SECOND_MS = 1000

/** @param incidents those that opened in the period count, the others are passed over */
export function kpisOf(incidents: Iterable<Incident>, from: number, to: number): Kpis {
  const within = [...incidents].filter(({ openedAt }) => from <= openedAt && openedAt < to).map(look)
  const detected = within.filter((one) => one.detected)
  const count = (of: Judgement) => detected.filter(({ judgement }) => judgement === of).length
  const detections = { true: count('true'), false: count('false'), unknown: count('unknown') }
  const missed = within.filter((one) => one.judgement === 'true' && !one.detected).length
  const over = within.filter(({ judgement, recoverMs }) => judgement !== 'false' && recoverMs !== undefined)
  return {
    from,
    to,
    incidents: within.length,
    detections,
    missed,
    detectionRate: share(detections.true, detections.true + missed),
    falsePositiveRate: share(detections.false, detections.true + detections.false),
    falseAlarmsPerDay: share(detections.false, (to - from) / DAY_MS),
    timeToDetect: mean(detected.filter(({ judgement }) => judgement === 'true').map(({ detectMs }) => detectMs)),
    leadOverAlerts: mean(detected.filter(({ judgement }) => judgement !== 'false').map(({ leadMs }) => leadMs)),
    timeToRecover: mean(over.map(({ recoverMs }) => recoverMs)),
    timeToRecoverActed: mean(over.filter(({ acted }) => acted).map(({ recoverMs }) => recoverMs)),
    timeToRecoverAlone: mean(over.filter(({ acted }) => !acted).map(({ recoverMs }) => recoverMs)),
  }
}

interface Look {
  readonly judgement: Judgement
  readonly acted: boolean
  /** Whether the detectors spoke, and not alerts alone. */
  readonly detected: boolean
  readonly detectMs: number | undefined
  readonly leadMs: number | undefined
  readonly recoverMs: number | undefined
}

function look(incident: Incident): Look {
  const { openedAt, endedAt, attempts, level } = incident
  const detectedAt = firstWord(incident)
  const alertedAt = firstAlert(incident)
  const sign = Math.min(detectedAt ?? Number.POSITIVE_INFINITY, alertedAt ?? Number.POSITIVE_INFINITY)
  return {
    judgement: judgementOf(incident),
    acted: attempts > 0,
    detected: level > 0,
    detectMs: detectedAt === undefined ? undefined : detectedAt - sign,
    leadMs: detectedAt === undefined || alertedAt === undefined ? undefined : alertedAt - detectedAt,
    recoverMs: hasRecovered(incident) && endedAt !== undefined ? endedAt - openedAt : undefined,
  }
}

/** A person's word counts before an alert of somebody else's: both say that there was trouble. */
function judgementOf({ feedback, alerts }: Incident): Judgement {
  if (feedback !== undefined) return feedback.useful ? 'true' : 'false'
  return alerts.some(isForeign) ? 'true' : 'unknown'
}

function isForeign({ labels }: IncidentAlert): boolean {
  return !isOurs(labels)
}

/** Undefined where only alerts spoke, or what the detectors said has gone from a long timeline. */
function firstWord({ timeline }: Incident): number | undefined {
  return timeline.find(isWord)?.at
}

/** Whether the detectors said something: they do so with a level. */
function isWord({ kind, data }: Incident['timeline'][number]): boolean {
  return (kind === 'opened' || kind === 'anomaly') && 'level' in data
}

function firstAlert({ alerts }: Incident): number | undefined {
  const times = alerts.filter(isForeign).map(({ startsAt }) => startsAt)
  return times.length === 0 ? undefined : Math.min(...times)
}

/** A target that went away has not recovered, and one that may fall ill again at once has not yet. */
function hasRecovered({ state, timeline }: Incident): boolean {
  return state === 'closed' && timeline.some(({ kind }) => kind === 'recovered')
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : Number.NaN
}

function mean(ms: readonly (number | undefined)[]): Mean {
  const known = ms.filter((one) => one !== undefined)
  return {
    mean: share(
      known.reduce((sum, one) => sum + one / SECOND_MS, 0),
      known.length,
    ),
    of: known.length,
  }
}
