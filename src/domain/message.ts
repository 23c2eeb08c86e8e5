import type { Severity } from './decision.ts'

/** What happened that people may want to hear of. */
export const EVENT_KINDS = [
  'detected',
  'diagnosed',
  'proposed',
  'waiting',
  'acting',
  'acted',
  'recovered',
  'escalated',
  'closed',
  'frozen',
  'unfrozen',
  'suspended',
] as const
export type EventKind = (typeof EVENT_KINDS)[number]

/**
 * One event for the outbox. Receivers render it from the incident as it stands when they send, so that one message per
 * incident is updated as it develops.
 */
export interface Message {
  /** Two messages with the same key are one. */
  readonly key: string
  readonly kind: EventKind
  /** ms since the epoch */
  readonly at: number
  readonly severity: Severity
  /** Undefined for what concerns the whole, such as the kill switch. */
  readonly incidentId?: string
  readonly actionId?: string
  readonly target?: string
  /** Labels of the target, for routing. */
  readonly labels: Readonly<Record<string, string>>
  readonly text: string
}
