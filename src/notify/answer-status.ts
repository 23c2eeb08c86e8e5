import { NotifyError } from '../pipeline/receivers.ts'

/** What speaks of a longer pause is a mistake. */
const LONGEST_PAUSE_MS = 3_600_000

/**
 * What an HTTP status says of a message that was sent.
 *
 * @param who for people: `the webhook oncall`
 * @throws {NotifyError} unless the status is 2xx; a redirect is none, it would lead elsewhere than configured
 */
export function checkStatus(who: string, status: number, retryAfterMs?: number): void {
  if (status >= 200 && status <= 299) return
  const message = `${who} answered ${status}`
  if (status === 401 || status === 403) throw new NotifyError('auth', `${message}: check its credentials`)
  if (status === 429) throw new NotifyError('rate_limited', message, { retryAfterMs })
  if (status === 408 || status === 425 || status >= 500) {
    throw new NotifyError('unavailable', message, { retryAfterMs })
  }
  throw new NotifyError('rejected', status >= 300 && status <= 399 ? `${message}: redirects are not followed` : message)
}

/** A `Retry-After` header, seconds or a date. @param now ms since the epoch */
export function retryAfterOf(header: string | null | undefined, now: number): number | undefined {
  if (header === null || header === undefined || header.trim() === '') return undefined
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_PAUSE_MS) : undefined
}
