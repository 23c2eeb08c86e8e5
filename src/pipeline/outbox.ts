import type { Message } from '../domain/message.ts'

/** One message on its way to one receiver. */
export interface Delivery {
  readonly id: string
  readonly receiver: string
  readonly message: Message
  /** Tries so far. */
  readonly attempts: number
  /** Not to be tried before, ms since the epoch. */
  readonly dueAt: number
  /** What the receiver answered to an earlier message of the same incident, so that it can be updated in place. */
  readonly handle?: string
}

export type DeliveryOutcome =
  | { readonly kind: 'sent'; readonly handle?: string }
  | { readonly kind: 'retry'; readonly dueAt: number; readonly reason: string }
  /** Not tried: it is not the time for it. */
  | { readonly kind: 'held'; readonly dueAt: number; readonly reason: string }
  /** Given up, or not to be sent at all (grouped into another, superseded, silenced). */
  | { readonly kind: 'dropped'; readonly reason: string }

/** A message with who gets it. */
export interface Routed {
  readonly message: Message
  /** With the time from which on it is to be tried, ms since the epoch. */
  readonly receivers: readonly { readonly receiver: string; readonly dueAt: number }[]
}

/** The outbox as `pipeline/tell.ts` drains it. Every call is a transaction of its own. Lists are oldest first. */
export interface Outbox {
  /** Messages of which nobody has said yet who gets them. */
  unrouted(limit: number): Promise<Message[]>
  /** Says who gets each of some messages; nobody is an answer too. Saying it again changes nothing. */
  route(routed: readonly Routed[]): Promise<void>
  /** Receivers that were told of an incident although no route leads to them, and so have to hear of its end as well. */
  addressees(incidentId: string): Promise<readonly string[]>
  due(receiver: string, at: number, limit: number): Promise<Delivery[]>
  settle(id: string, outcome: DeliveryOutcome, at: number): Promise<void>
  /** Deliveries that are waiting, by receiver. */
  waiting(): Promise<Readonly<Record<string, number>>>
  /** A one-time token for a button; `use` gives its content once, and not after `expiresAt`. */
  issueNonce(nonce: string, content: string, expiresAt: number): Promise<void>
  /** @returns why not, when it was used before, has expired, or was never issued */
  useNonce(
    nonce: string,
    at: number,
  ): Promise<
    { readonly content: string } | { readonly refused: 'used' | 'expired' | 'unknown'; readonly content?: string }
  >
}
