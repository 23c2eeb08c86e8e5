import type { Change } from '../domain/change.ts'
import type { Incident } from '../domain/incident.ts'
import type { Contribution } from '../domain/verdict.ts'
import type { ChangeJson, ContributionJson, IncidentDetailJson, IncidentJson } from './contract.ts'

export function incidentJson({ id, target, state, severity, openedAt, endedAt }: Incident): IncidentJson {
  return {
    id,
    target,
    state,
    severity: finite(severity),
    cause: null,
    opened_at: time(openedAt),
    closed_at: endedAt === undefined ? null : time(endedAt),
  }
}

export function incidentDetailJson(incident: Incident): IncidentDetailJson {
  const { level, highest, opening, acknowledgedAt, feedback, timeline } = incident
  return {
    ...incidentJson(incident),
    level: finite(level),
    contributions: highest.map(contributionJson),
    contributions_at_opening: opening.map(contributionJson),
    acknowledged_at: acknowledgedAt === undefined ? null : time(acknowledgedAt),
    feedback: feedback === undefined ? null : { useful: feedback.useful, at: time(feedback.at) },
    alerts: [],
    diagnosis: null,
    actions: [],
    timeline: timeline.map((entry) => ({ ...entry, at: time(entry.at) })),
  }
}

/** @param isKnown whether a target is watched now */
export function changeJson(change: Change, isKnown: (target: string) => boolean): ChangeJson {
  const { id, targets, from, to, text, at } = change
  const unknown_targets = targets.filter((target) => !isKnown(target))
  return { id, targets, from: time(from), to: time(to), text, created_at: time(at), unknown_targets }
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
