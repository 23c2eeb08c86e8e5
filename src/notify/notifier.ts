import type { z } from 'zod'
import type { RateLimit, Updates } from '../pipeline/receivers.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Secret, SecretReference } from '../platform/secrets.ts'
import type { Answers } from './answers.ts'
import type { Notice } from './notice.ts'
import type { Post } from './post.ts'

/** What a receiver can do, as it is configured. */
export interface Capabilities {
  readonly updates: Updates
  /** Whether it shows `notice.chart`; it is not drawn for the others. */
  readonly picture: boolean
  /** Whether it shows `notice.buttons`; no nonces are issued for the others. */
  readonly buttons: boolean
  /** Longest text, in characters. */
  readonly maxLength: number
  /** A receiver that forgets wants to hear of what goes on again and again; ms, undefined for the others. */
  readonly refreshMs?: number
  /** A receiver that groups what it is told by itself is told of every incident by itself, however many there are. */
  readonly groupsItself?: boolean
  /** A receiver that keeps people’s silences itself is told also while they are silenced where alerts are routed. */
  readonly silencesItself?: boolean
}

/** One receiver, ready to send. */
export interface Notifier {
  readonly capabilities: Capabilities
  /** What it must not be sent more often than. */
  readonly limits: readonly RateLimit[]
  /** Where people answer, for receivers that hear them. */
  readonly answers?: Answers
  /** Keeps a silence that a person has set, for receivers that have silences of their own. @throws {NotifyError} */
  readonly silence?: (silence: KeptSilence, signal: AbortSignal) => Promise<void>
  /**
   * Sends one version of a notice, once: trying again is the caller's business.
   *
   * @param handle what an earlier version of the same notice answered; a receiver that updates in place replaces that one,
   *   and sends a new message when it is gone
   * @param signal aborts at the time limit, which is the caller's, and when the program ends
   * @returns the handle by which the next version finds this one
   * @throws {NotifyError} without secrets in message and cause
   */
  send(notice: Notice, handle: string | undefined, signal: AbortSignal): Promise<{ readonly handle?: string }>
}

/** A silence of a target, as a receiver keeps it. */
export interface KeptSilence {
  /** What the target is known by; at least one. */
  readonly labels: Readonly<Record<string, string>>
  /** ms since the epoch */
  readonly from: number
  readonly until: number
  /** `telegram:42` */
  readonly by: string
  readonly text: string
}

/** What receivers are made with. */
export interface NotifierContext {
  /** The receiver's name in the configuration. */
  readonly name: string
  readonly clock: Clock
  readonly logger: Logger
  /** Of the network; the real one unless a test gives another. */
  readonly fetch: typeof fetch
  /** For addresses that the configuration chooses freely. */
  readonly post: Post
  /** Reads a secret where it is needed: its file may change. @throws {NotifyError} `auth` when it is not where it should be */
  readonly resolveSecret: (reference: SecretReference) => Secret
  /** A text file that is no secret, such as a certificate. @throws the error of the file system */
  readonly readFile: (path: string) => string
}

/** A kind of receiver: its folder under `notify/`, and its key in `notifications.receivers[]`. */
export interface NotifierDefinition<C = unknown> {
  readonly kind: string
  /** Strict, each key described, in the notation of `config/fields.ts`; secrets by `_file` and `_env` only. */
  readonly configSchema: z.ZodType<C>
  /** Connects to nothing and reads no secret: what is wrong with either shows when it sends. */
  create(config: C, context: NotifierContext): Notifier
}

/** Declares a kind of receiver. Its `create` is called only with what its own schema has read. */
export function defineNotifier<C>(definition: NotifierDefinition<C>): NotifierDefinition {
  return definition as NotifierDefinition
}
