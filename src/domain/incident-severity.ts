import { type IncidentAlert, isDoubtful, isFiring, isOurs } from './alert.ts'
import { SEVERITIES, type Severity } from './decision.ts'
import type { Incident } from './incident.ts'
import { severityOf } from './verdict.ts'

/** The level from which on an anomaly is called so; the first from the threshold on. */
const FROM_LEVEL: Readonly<Record<Severity, number>> = { low: 1, medium: 2, high: 4, critical: 8 }

/** What senders write into the label `severity`, and what it means here. */
const WORDS: ReadonlyMap<string, Severity> = new Map([
  ...words('critical', 'page', 'emergency', 'fatal', 'p1'),
  ...words('high', 'error', 'major', 'p2'),
  ...words('medium', 'warning', 'warn', 'ticket', 'p3'),
  ...words('low', 'info', 'minor', 'notice', 'p4'),
])

function words(severity: Severity, ...others: readonly string[]): [string, Severity][] {
  return [severity, ...others].map((word) => [word, severity])
}

type Judged = Pick<Incident, 'alerts' | 'level'>

/** How bad an incident is now: as its firing alerts say or as its highest level says, whichever is worse. */
export function severityWord({ alerts, level }: Judged): Severity {
  const said = alerts.filter(isFiring).flatMap((alert) => saidBy(alert) ?? [])
  const worst = SEVERITIES.findLast((severity) => said.includes(severity) || level >= FROM_LEVEL[severity])
  return worst ?? 'low'
}

/**
 * How bad an incident was at its worst, 0–1: of its highest level 1 − 2^(−level), of the words of its alerts the same of
 * the level from which on an anomaly is called so: low 0.5, medium 0.75, high 0.94, critical 0.996.
 *
 * @returns undefined where only alerts speak, and none of them says it in a word that is known
 */
export function severityNumber({ alerts, level }: Judged): number | undefined {
  const said = alerts.filter((alert) => !isOurs(alert.labels) && !isDoubtful(alert)).flatMap((one) => saidBy(one) ?? [])
  const levels = [level, ...said.map((severity) => FROM_LEVEL[severity])]
  const worst = Math.max(...levels)
  return worst > 0 ? severityOf(worst) : undefined
}

function saidBy({ labels }: Pick<IncidentAlert, 'labels'>): Severity | undefined {
  return WORDS.get((labels['severity'] ?? '').toLowerCase())
}
