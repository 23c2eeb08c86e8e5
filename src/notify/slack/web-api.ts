import { NotifyError, type NotifyFailure } from '../../pipeline/receivers.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Secret } from '../../platform/secrets.ts'
import { checkStatus, retryAfterOf } from '../answer-status.ts'

export interface SlackOptions {
  /** For people: `Slack, for oncall`. */
  readonly who: string
  readonly apiUrl: string
  readonly fetch: typeof fetch
  readonly clock: Clock
  /** Asked for at each call: its file may change. @throws {NotifyError} */
  readonly token: () => Secret
}

/** What a method answers, beside `ok`; each caller reads what it needs of it. */
export type SlackAnswer =
  | { readonly ok: true; readonly result: Readonly<Record<string, unknown>> }
  /** One of the words in which Slack says no. */
  | { readonly ok: false; readonly error: string; readonly failure: NotifyError }

/** The Web API, one call at a time, each made once. */
export interface Slack {
  /** @param fields what is no text is sent as JSON @throws {NotifyError} where Slack gives no answer, or no time */
  ask(method: string, fields: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<SlackAnswer>
  /** @throws {NotifyError} */
  call(
    method: string,
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>>>
}

const FAILURES: Readonly<Record<string, NotifyFailure>> = {
  invalid_auth: 'auth',
  not_authed: 'auth',
  account_inactive: 'auth',
  token_revoked: 'auth',
  token_expired: 'auth',
  missing_scope: 'auth',
  not_allowed_token_type: 'auth',
  ratelimited: 'rate_limited',
  rate_limited: 'rate_limited',
  internal_error: 'unavailable',
  fatal_error: 'unavailable',
  service_unavailable: 'unavailable',
  request_timeout: 'unavailable',
}

export function createSlack({ who, apiUrl, fetch, clock, token }: SlackOptions): Slack {
  async function ask(
    method: string,
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<SlackAnswer> {
    const headers = { authorization: `Bearer ${token().reveal()}` }
    const body = new URLSearchParams(
      Object.entries(fields).flatMap(([name, value]): [string, string][] => {
        if (value === undefined) return []
        return [[name, typeof value === 'string' ? value : JSON.stringify(value)]]
      }),
    )
    const url = `${apiUrl.replace(/\/+$/, '')}/${method}`
    const response = await reach(who, fetch, url, { method: 'POST', headers, body }, signal)
    checkStatus(who, response.status, retryAfterOf(response.headers.get('retry-after'), clock.now()))
    const { ok, error, ...result } = await json(who, response)
    if (ok === true) return { ok: true, result }
    const word = typeof error === 'string' && /^[a-z_]{1,60}$/.test(error) ? error : 'unknown_error'
    const failure = new NotifyError(FAILURES[word] ?? 'rejected', `${who}: ${method} was refused: ${word}`)
    return { ok: false, error: word, failure }
  }

  return {
    ask,
    async call(method, fields, signal) {
      const answer = await ask(method, fields, signal)
      if (answer.ok) return answer.result
      throw answer.failure
    },
  }
}

/**
 * Follows no redirect: what is sent would go elsewhere.
 *
 * @throws {NotifyError} without the URL, which may hold a secret, and without the cause, which names it
 */
export async function reach(
  who: string,
  fetch: typeof globalThis.fetch,
  url: string,
  init: RequestInit,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'manual', signal })
  } catch (error) {
    const { code } = ((error as Error).cause ?? error) as NodeJS.ErrnoException
    const why = signal.aborted ? 'stopped' : (code ?? 'unknown error')
    throw new NotifyError('unavailable', `${who} gave no answer: ${why}`)
  }
}

async function json(who: string, response: Response): Promise<Readonly<Record<string, unknown>>> {
  try {
    const answer = (await response.json()) as unknown
    if (typeof answer === 'object' && answer !== null) return answer as Readonly<Record<string, unknown>>
  } catch {
    // What answers is told below.
  }
  throw new NotifyError('unavailable', `${who}: what answers is not the Web API`)
}
