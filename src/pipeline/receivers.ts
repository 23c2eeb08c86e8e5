import type { Message } from '../domain/message.ts'

/** So many in so long. Limits with the same key are one, whatever receivers state them: one bot, one address. */
export interface RateLimit {
  readonly key: string
  readonly count: number
  readonly perMs: number
}

/**
 * What becomes of later versions of what was said. in_place: they take the place of the first. anew: each is a message
 * of its own, so only what people must hear of is said. every: each event counts by itself, as for a program.
 */
export type Updates = 'in_place' | 'anew' | 'every'

/** How a message goes to one receiver. */
export interface Leg {
  readonly receiver: string
  /** What is told in one message has the same key. */
  readonly groupKey: string
  /** How long the first message of a group waits for others, ms. */
  readonly groupWaitMs: number
  /** Shortest time between two messages of a group, ms; updates in place do not wait. */
  readonly groupIntervalMs: number
  /** How often it is said again what goes on; ms, 0: never. */
  readonly repeatIntervalMs: number
  /** Until when nothing may be said; undefined when it may be now. */
  heldUntil(at: number): number | undefined
}

/** The way to a receiver that no route leads to: at once, each incident by itself. */
export function directLeg(receiver: string, { incidentId, key }: Message): Leg {
  const groupKey = JSON.stringify({ incident: incidentId ?? key })
  const plain = { groupWaitMs: 0, groupIntervalMs: 0, repeatIntervalMs: 0, heldUntil: () => undefined }
  return { receiver, groupKey, ...plain }
}

/** Says who is told of a message: where it is addressed, or else as routing says. Each receiver at most once. */
export type Dispatch = (message: Message) => readonly Leg[]

/** Some events of one group, oldest first, at least one. */
export interface Bulletin {
  readonly messages: readonly Message[]
  readonly groupKey: string
  /** What the receiver answered to an earlier version. */
  readonly handle?: string
  /** What calls for a person's attention, and not only follows what was said before. */
  readonly attention: boolean
}

/** One receiver as `pipeline/tell.ts` uses it. */
export interface Receiver {
  readonly name: string
  readonly updates: Updates
  readonly limits: readonly RateLimit[]
  /** A receiver that forgets wants to hear of what goes on again and again; ms, undefined for the others. */
  readonly refreshMs?: number
  /** A receiver that groups what it is told by itself wants every incident by itself, however many there are. */
  readonly groupsItself?: boolean
  /** A receiver that keeps people’s silences itself is told all the same. */
  readonly silencesItself?: boolean
  /**
   * Says how things stand now. Once: trying again is the caller's business.
   *
   * @returns the handle by which a later version finds this one
   * @throws {NotifyError}
   */
  send(bulletin: Bulletin, signal: AbortSignal): Promise<{ readonly handle?: string }>
}

/** auth: who we are does not suffice; rejected: this message, never; unavailable, timeout: later, perhaps. */
export const NOTIFY_FAILURES = ['auth', 'rate_limited', 'rejected', 'unavailable', 'timeout'] as const
export type NotifyFailure = (typeof NOTIFY_FAILURES)[number]

/** A receiver has not taken a message. The message is for people and holds no secret, no token-bearing URL. */
export class NotifyError extends Error {
  override readonly name = 'NotifyError'
  readonly reason: NotifyFailure
  readonly retryable: boolean
  /** How long the receiver asks to be left alone, ms. */
  readonly retryAfterMs: number | undefined

  constructor(reason: NotifyFailure, message: string, options?: ErrorOptions & { readonly retryAfterMs?: number }) {
    super(message, options)
    this.reason = reason
    this.retryable = reason === 'rate_limited' || reason === 'unavailable' || reason === 'timeout'
    this.retryAfterMs = options?.retryAfterMs
  }
}
