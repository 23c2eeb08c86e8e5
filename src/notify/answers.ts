import type { RateLimit } from '../pipeline/receivers.ts'

/** What a person may do from a chat, as in the API: look; act, approve, freeze; unfreeze too. Each includes those before. */
export const CHAT_ROLES = ['read', 'operate', 'admin'] as const
export type ChatRole = (typeof CHAT_ROLES)[number]

/** Somebody who may speak in one chat: both are on the list. */
export interface ListedPerson {
  readonly chat: string
  readonly user: string
  readonly role: ChatRole
}

/** Who speaks. */
export interface Person {
  /** `telegram:42`, as the audit has it. */
  readonly by: string
  readonly role: ChatRole
}

export interface ReplyButton {
  readonly label: string
  readonly nonce: string
}

/** What is said to a person. */
export interface ChatReply {
  /** false: nothing was done; the text says why. */
  readonly done: boolean
  /** Plain text of others' making: whoever shows it sees to its own markup and length. */
  readonly text: string
  /** Whether it stands in the chat for all to see, or only whoever pressed sees it. */
  readonly shared: boolean
  readonly buttons: readonly ReplyButton[]
  /** A button that was pressed in vain and may be pressed again carries this nonce from now on. */
  readonly renewed?: string
}

/** What people do from a chat; guards, ledger and audit are those of the API. */
export interface ChatServices {
  /** @param nonce what a button carried: anything at all */
  press(nonce: string, person: Person): Promise<ChatReply>
  /** @param at when it was said, ms since the epoch: what has been under way for long changes nothing any more */
  command(name: string, words: readonly string[], person: Person, at: number): Promise<ChatReply>
}

/** ignored: by somebody, or in a chat, that is not on the list. */
export const CHAT_RESULTS = ['done', 'refused', 'ignored', 'failed'] as const
export type ChatResult = (typeof CHAT_RESULTS)[number]

/** What listening needs beside the receiver's own settings. */
export interface AnswerContext {
  readonly services: ChatServices
  readonly counted: (result: ChatResult) => void
  /** Waits until the limits allow one more; shared with what is sent. */
  readonly acquire: (limits: readonly RateLimit[], signal: AbortSignal) => Promise<void>
}

/** Where people answer to what a receiver has sent. */
export interface Answers {
  /** Receivers with the same one share a connection: one bot is polled by one. Holds no secret. */
  readonly connection: string
  readonly people: readonly ListedPerson[]
  /**
   * Listens until the signal aborts. Never rejects: what goes wrong is logged and tried again.
   *
   * @param people of all receivers that share the connection
   */
  listen(people: readonly ListedPerson[], context: AnswerContext, signal: AbortSignal): Promise<void>
}

/** @returns undefined unless chat and user are listed together; the highest role where they are listed twice */
export function personIn(people: readonly ListedPerson[], chat: string, user: string): ListedPerson | undefined {
  const found = people.filter((one) => one.chat === chat && one.user === user)
  return found.sort((a, b) => CHAT_ROLES.indexOf(b.role) - CHAT_ROLES.indexOf(a.role))[0]
}
