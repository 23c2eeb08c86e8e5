import * as http from 'node:http'
import * as https from 'node:https'
import { NotifyError } from '../pipeline/receivers.ts'
import { retryAfterOf } from './answer-status.ts'

/** One POST with JSON to an address that the configuration names. */
export interface PostRequest {
  /** Fixed: nothing from outside gets into it. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Addresses and networks that may be reached although they are not public: `10.0.0.0/8`. */
  readonly allowed: readonly string[]
}

export interface PostAnswer {
  readonly status: number
  /** What the answer's Retry-After asks for, ms. */
  readonly retryAfterMs?: number
}

/**
 * Resolves the host once, refuses an address that is not public and not allowed, connects to what was judged and follows
 * no redirect. Of the answer only the status counts.
 *
 * @throws {NotifyError} `rejected` for an address that may not be reached, `unavailable` without an answer
 */
export type Post = (request: PostRequest, signal: AbortSignal) => Promise<PostAnswer>

/** The one address of a host that is connected to. */
export interface PinnedAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** @throws {NotifyError} `rejected` when the address may not be reached, `unavailable` when there is none */
export type PinHost = (url: URL, allowed: readonly string[]) => Promise<PinnedAddress>

/** @param now ms since the epoch */
export function createPost(pin: PinHost, now: () => number): Post {
  return async ({ url, headers, body, allowed }, signal) => {
    const address = await pin(url, allowed)
    return new Promise((resolve, reject) => {
      const request = (url.protocol === 'https:' ? https : http).request(url, {
        method: 'POST',
        // A connection of its own, so that none is found closed by the other side.
        agent: false,
        signal,
        lookup: (_host, options, callback) => {
          if (options.all === true) callback(null, [address])
          else callback(null, address.address, address.family)
        },
        headers: { 'user-agent': 'homeostat', ...headers, 'content-length': String(Buffer.byteLength(body)) },
      })
      request.on('response', (response) => {
        resolve({
          status: response.statusCode ?? 0,
          retryAfterMs: retryAfterOf(response.headers['retry-after'], now()),
        })
        response.destroy()
      })
      request.on('error', (error: NodeJS.ErrnoException) => {
        const code = signal.aborted ? 'stopped' : (error.code ?? error.name)
        reject(new NotifyError('unavailable', `${url.host} gave no answer: ${code}`))
      })
      request.end(body)
    })
  }
}
