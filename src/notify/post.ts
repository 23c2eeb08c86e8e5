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
 * @throws {NotifyError} `rejected` for an address that may not be reached, `unavailable` or `timeout` without an answer
 */
export type Post = (request: PostRequest, signal: AbortSignal) => Promise<PostAnswer>
