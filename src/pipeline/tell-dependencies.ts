import type { Incident } from '../domain/incident.ts'
import type { EventKind, Message } from '../domain/message.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Journal } from './journal.ts'
import { incidentMessage } from './messages.ts'
import type { Outbox } from './outbox.ts'
import type { RateLimiter } from './rate-limiter.ts'
import type { Dispatch, NotifyFailure, Receiver } from './receivers.ts'

/** Why a message was not sent, or is not to be. */
export type Dropped = 'gave_up' | 'rejected' | 'superseded' | 'over' | 'unknown_receiver'

export interface TellMetrics {
  sent(receiver: string, seconds: number): void
  /** One try went wrong. */
  failed(receiver: string, reason: NotifyFailure): void
  dropped(receiver: string, why: Dropped): void
  waiting(counts: Readonly<Record<string, number>>): void
}

export interface TellDependencies {
  readonly outbox: Outbox
  readonly journal: Pick<Journal, 'transaction'>
  readonly dispatch: Dispatch
  readonly receivers: readonly Receiver[]
  /** Who is told when nobody acknowledges an incident in time. */
  readonly escalation?: { readonly afterMs: number; readonly receiver: string }
  /** Who is told, the first that can be, when a receiver could not be for so long, or not at all. */
  readonly fallback?: { readonly afterMs: number; readonly receivers: readonly string[] }
  /** Until when people have silenced an incident where alerts are routed; undefined where they have not. */
  readonly silencedElsewhere?: (incident: Incident, at: number) => number | undefined
  readonly clock: Clock
  readonly limiter: RateLimiter
  /** 0 ≤ x < 1, so that retries of several do not come together. */
  readonly random: () => number
  readonly logger: Logger
  readonly metrics: TellMetrics
}

/** What people must hear of; the rest shows when a message is updated in place. */
const QUIET: ReadonlySet<EventKind> = new Set(['diagnosed', 'acting', 'closed'])

export function isQuiet({ kind }: Message): boolean {
  return QUIET.has(kind)
}

const CALLING: ReadonlySet<EventKind> = new Set([
  'detected',
  'proposed',
  'waiting',
  'escalated',
  'frozen',
  'unfrozen',
  'suspended',
])

/** Calls for a person's attention, and not only follows what was said before. */
export function isCalling({ kind }: Message): boolean {
  return CALLING.has(kind)
}

/** To be said anew, even where an earlier message could be updated. */
export function isSaidAgain({ addressed }: Message): boolean {
  return addressed !== undefined && addressed.because !== 'fallback'
}

export function isOver({ state }: Incident): boolean {
  return state === 'recovered' || state === 'closed'
}

/** How an incident stands, as a message that nobody has put into the outbox. */
export function standingMessage(incident: Incident, at: number): Message {
  return incidentMessage(incident, 'detected', at, incident.timeline.at(-1)?.text ?? '', 'standing')
}
