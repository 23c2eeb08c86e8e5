import type { Action } from '../domain/action.ts'
import { type IncidentAlert, isFiring, isOurs } from '../domain/alert.ts'
import type { Change } from '../domain/change.ts'
import type { Diagnosis } from '../domain/diagnosis.ts'
import type { Incident, TimelineEntry } from '../domain/incident.ts'
import { severityNumber } from '../domain/incident-severity.ts'
import type { Contribution } from '../domain/verdict.ts'
import { actionJson } from './action-json.ts'
import type {
  AlertJson,
  ChangeJson,
  ContributionJson,
  DiagnosisJson,
  GuardAnswerJson,
  IncidentDetailJson,
  IncidentJson,
  TimelineEntryJson,
} from './contract.ts'

export function incidentJson(incident: Incident): IncidentJson {
  const { id, target, state, level, diagnosis, openedAt, endedAt, alerts, acknowledgedAt } = incident
  return {
    id,
    target,
    state,
    severity: severityNumber(incident) ?? null,
    cause: diagnosis?.cause ?? null,
    opened_at: time(openedAt),
    closed_at: endedAt === undefined ? null : time(endedAt),
    // Only alerts spoke: of a level nobody knows.
    level: level > 0 ? finite(level) : null,
    evidence: diagnosis?.evidence[0] ?? null,
    alerts_firing: alerts.filter((one) => isFiring(one) && !isOurs(one.labels)).length,
    acknowledged_at: acknowledgedAt === undefined ? null : time(acknowledgedAt),
  }
}

/** @param actions its actions, newest first */
export function incidentDetailJson(incident: Incident, actions: readonly Action[]): IncidentDetailJson {
  const { labels, highest, opening, feedback, alerts, diagnosis, related, timeline } = incident
  return {
    ...incidentJson(incident),
    labels,
    contributions: highest.map(contributionJson),
    contributions_at_opening: opening.map(contributionJson),
    feedback: feedback === undefined ? null : { useful: feedback.useful, at: time(feedback.at) },
    alerts: alerts.map(alertJson),
    diagnosis: diagnosis === undefined ? null : diagnosisJson(diagnosis),
    actions: actions.map(actionJson),
    related,
    timeline: timeline.map(timelineJson),
  }
}

function timelineJson(entry: TimelineEntry): TimelineEntryJson {
  return { ...entry, at: time(entry.at), guards: guardsJson(entry) }
}

/** Guards are asked in a fixed order until one refuses. */
function guardsJson({ data }: TimelineEntry): GuardAnswerJson[] {
  const { guard, passed = '', reason = '' } = data
  const agreed = String(passed).split(' ').filter(Boolean)
  const answers = agreed.map((name) => ({ guard: name, agrees: true, reason: '' }))
  return guard === undefined ? answers : [...answers, { guard: String(guard), agrees: false, reason: String(reason) }]
}

/** @param isKnown whether a target is watched now */
export function changeJson(change: Change, isKnown: (target: string) => boolean): ChangeJson {
  const { id, targets, from, to, text, at } = change
  const unknown_targets = targets.filter((target) => !isKnown(target))
  return { id, targets, from: time(from), to: time(to), text, created_at: time(at), unknown_targets }
}

function alertJson({ source, name, status, summary, labels, fingerprint, startsAt, endsAt }: IncidentAlert): AlertJson {
  const ends_at = endsAt === undefined ? null : time(endsAt)
  return { source, name, status, summary, labels, fingerprint, starts_at: time(startsAt), ends_at }
}

function diagnosisJson({ cause, confidence, evidence, rootTarget, peers }: Diagnosis): DiagnosisJson {
  return { cause, confidence, evidence, root_target: rootTarget, peers: peers ?? null }
}

function contributionJson({ feature, share, actual, expected }: Contribution): ContributionJson {
  return { feature, share: finite(share), actual: finite(actual), expected: finite(expected) }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

function time(ms: number): string {
  return new Date(ms).toISOString()
}
