import type { Action } from '../domain/action.ts'
import type { Incident } from '../domain/incident.ts'
import { severityWord } from '../domain/incident-severity.ts'
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
  return { key, kind, at, severity: severityWord(incident), incidentId: id, target, labels, text }
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

/** Puts messages into the outbox, but none about a target that somebody has silenced. */
export async function say(entries: JournalEntries, messages: readonly Message[], at: number): Promise<void> {
  if (messages.length === 0) return
  const silenced = new Set((await entries.silences(at)).filter(({ from }) => from <= at).map(({ target }) => target))
  const audible = messages.filter(({ target }) => target === undefined || !silenced.has(target))
  if (audible.length > 0) await entries.say(audible)
}
