/**
 * Why an observation failed, as far as a caller decides by it.
 * - `unreachable`: no answer at all, or a gateway's "not now" (502, 503, 504, 429)
 * - `timeout`: the time ran out, ours or the server's own
 * - `auth`: 401 or 403
 * - `bad_response`: an answer, but not the one of the protocol
 * - `too_large`: the answer or the query is beyond a size limit; asking for less may work
 * - `query`: the server understood and refused the query
 * - `unsupported`: this machine cannot serve as this source
 */
export type ObserveFailure = 'unreachable' | 'timeout' | 'auth' | 'bad_response' | 'too_large' | 'query' | 'unsupported'

/** Nothing could be read. The message is for people: what failed, where, what to do; it never holds a credential. */
export class ObserveError extends Error {
  override readonly name = 'ObserveError'
  readonly reason: ObserveFailure

  constructor(reason: ObserveFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
