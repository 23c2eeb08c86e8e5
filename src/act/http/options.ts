import type { BlockList } from 'node:net'
import type { ActionName } from '../../domain/decision.ts'
import type { Send } from '../backends/transport.ts'
import type { Labels, Slot } from '../slot.ts'
import type { Resolve } from './address.ts'

/** A value of a query or a JSON body: fixed, what a label says, or a secret, read when it is needed. */
export type HttpValue = string | number | boolean | Slot | { readonly secret: () => string }

/** One request that may be sent, as configured. */
export interface HttpRequestOptions {
  readonly name: string
  /** The action that it carries out for the targets that it matches; undefined: only what names it. */
  readonly does?: ActionName
  /** `actions.http.requests[0]` */
  readonly place: string
  /** Which targets it may be sent for. */
  readonly matches: (labels: Labels) => boolean
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Fixed, without query; nothing from outside gets into it. */
  readonly url: URL
  readonly query: Readonly<Record<string, HttpValue>>
  /** Undefined for a request without one. */
  readonly body?: Readonly<Record<string, HttpValue>>
  /** Read when they are needed: a secret's file may change. */
  readonly headers: () => Readonly<Record<string, string>>
  /** Which of the headers are never shown. */
  readonly secretHeaders: readonly string[]
  readonly timeoutMs: number
}

export interface HttpActionOptions {
  readonly requests: readonly HttpRequestOptions[]
  /** Addresses that may be reached although they are not public. */
  readonly allowed: BlockList
  readonly resolve: Resolve
  readonly send: Send
}
