import type { ActionState } from '../domain/action.ts'
import type { ActionName, Severity } from '../domain/decision.ts'
import type { Cause } from '../domain/diagnosis.ts'
import type { IncidentState } from '../domain/incident.ts'
import type { EventKind } from '../domain/message.ts'
import type { TextFormat } from './markup.ts'

/** What a person can answer. */
export const BUTTON_KINDS = [
  'approve',
  'deny',
  'why',
  'silence',
  'acknowledge',
  'useful',
  'not_useful',
  'freeze',
] as const
export type ButtonKind = (typeof BUTTON_KINDS)[number]

export interface Button {
  readonly kind: ButtonKind
  /** `Silence 1 h`. */
  readonly label: string
  /** One-time token, 22 characters of base64url; what it stands for is kept on our side. */
  readonly nonce: string
}

/** A feature that speaks. */
export interface NoticeFeature {
  readonly feature: string
  /** NaN where unknown. */
  readonly actual: number
  /** NaN where no model has an expectation yet. */
  readonly expected: number
  /** 0–1 */
  readonly share: number
}

/** What was done, or is proposed. */
export interface NoticeAction {
  readonly id: string
  readonly action: ActionName
  readonly state: ActionState
  readonly rule: string
  /** In words: `restart of web-1:9100@node: done, its effect is being looked for`. */
  readonly text: string
  /** The exact call, without secrets; empty until it is known. */
  readonly call: string
}

/** ms since the epoch; undefined where it has not come to that. */
export interface NoticeTimes {
  readonly detectedAt: number
  readonly actingAt?: number
  readonly recoveredAt?: number
}

/** How one incident stands. */
export interface NoticeIncident {
  readonly id: string
  readonly target: string
  readonly labels: Readonly<Record<string, string>>
  readonly state: IncidentState
  readonly severity: Severity
  /** At its highest; 0 where only alerts speak. */
  readonly level: number
  readonly cause: Cause
  /** 0–1 */
  readonly confidence: number
  readonly evidence: readonly string[]
  /** Strongest first, at most three. */
  readonly features: readonly NoticeFeature[]
  /** Alerts of others that fire, by name, at most five. */
  readonly alerts: readonly { readonly name: string; readonly summary: string }[]
  /** Oldest first, the newest three. */
  readonly actions: readonly NoticeAction[]
  readonly times: NoticeTimes
  /** Who has taken it on; undefined while nobody has. */
  readonly acknowledgedBy?: string
}

export interface NoticeLink {
  readonly label: string
  readonly url: string
}

/**
 * What a receiver shows. Target names, labels and texts were chosen by others: what goes into a markup is escaped, which
 * `text` has done already.
 */
export interface Notice {
  /** The same for all versions of one message. */
  readonly key: string
  /** The newest event. */
  readonly kind: EventKind
  readonly at: number
  readonly severity: Severity
  /** Whether this version calls for attention; otherwise it may come in silence. */
  readonly attention: boolean
  /** Empty for what concerns the whole, such as the kill switch; several where they were grouped, the newest event's first. */
  readonly incidents: readonly NoticeIncident[]
  /** The newest event in words. */
  readonly event: string
  readonly buttons: readonly Button[]
  readonly links: readonly NoticeLink[]
  /** PNG of the level against the threshold. */
  readonly chart?: Uint8Array
  /** One line of plain text, at most 200 characters. */
  readonly title: string
  /**
   * Title and all the rest, in a format's markup, everything escaped.
   *
   * @param maxLength what a longer text is cut to without breaking markup; characters as JavaScript counts them
   */
  text(format: TextFormat, maxLength: number): string
}
