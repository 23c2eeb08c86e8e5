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
  /** For one receiver alone, whatever routing says. */
  readonly addressed?: Addressed
}

/** repeat: it still goes on; unacknowledged: nobody has taken it on in time; fallback: others could not be told. */
export const ADDRESS_REASONS = ['repeat', 'unacknowledged', 'fallback'] as const

export interface Addressed {
  readonly to: string
  readonly because: (typeof ADDRESS_REASONS)[number]
  /** Receivers that could not be told, oldest failure first. */
  readonly failed: readonly string[]
}
