import type { Action } from '../domain/action.ts'
import type { Severity } from '../domain/decision.ts'
import type { Incident } from '../domain/incident.ts'
import type { EventKind, Message } from '../domain/message.ts'
import type { JournalEntries } from './journal.ts'

/** A message about an incident. @param detail what tells it from others of its kind about the same incident */
export function incidentMessage(
  incident: Incident,
  kind: EventKind,
  at: number,
  text: string,
  detail: string | number = '',
): Message {
  const { id, target, labels } = incident
  const key = [id, kind, detail].join(':')
  return { key, kind, at, severity: severityOfIncident(incident), incidentId: id, target, labels, text }
}

export function actionMessage(
  action: Action,
  labels: Readonly<Record<string, string>>,
  kind: EventKind,
  at: number,
  text: string,
): Message {
  const { id, incidentId, target, severity } = action
  return { key: `${id}:${kind}`, kind, at, severity, incidentId, actionId: id, target, labels, text }
}

/** What concerns the whole. */
export function generalMessage(kind: EventKind, at: number, text: string, key: string): Message {
  return { key: `${kind}:${key}`, kind, at, severity: 'critical', labels: {}, text }
}

/** In words: as its alerts say, else by its level: critical from 8 on, high from 4, medium from 2. */
export function severityOfIncident({ alerts, level }: Incident): Severity {
  const words = new Set(alerts.filter(({ status }) => status === 'firing').map(({ labels }) => labels['severity']))
  if (words.has('critical') || words.has('page') || level >= 8) return 'critical'
  if (words.has('error') || words.has('high') || level >= 4) return 'high'
  if (words.has('warning') || words.has('medium') || level >= 2) return 'medium'
  return 'low'
}

/** Puts messages into the outbox, but none about a target that somebody has silenced. */
export async function say(entries: JournalEntries, messages: readonly Message[], at: number): Promise<void> {
  if (messages.length === 0) return
  const silenced = new Set((await entries.silences(at)).filter(({ from }) => from <= at).map(({ target }) => target))
  const audible = messages.filter(({ target }) => target === undefined || !silenced.has(target))
  if (audible.length > 0) await entries.say(audible)
}
