import type { Api } from 'node-telegram-bot-api'
import { NotifyError } from '../../pipeline/receivers.ts'
import { REDACTED, type Secret } from '../../platform/secrets.ts'

/** For one call; a caller's own limit comes by its signal. Long polls have the time they ask for on top. */
const CALL_MS = 15_000
const LONGEST_DESCRIPTION = 200

export interface BotOptions {
  /** For people: `the bot of oncall`. */
  readonly who: string
  readonly apiUrl: string
  readonly fetch: typeof fetch
  /** Asked for at each call: its file may change. @throws {NotifyError} */
  readonly token: () => Secret
}

/** An answer of the Bot API, or its 400: what was asked cannot be done, and its words say why. */
export type BotAnswer<T> =
  | { readonly ok: true; readonly result: T }
  | { readonly ok: false; readonly description: string; readonly failure: NotifyError }

/** One bot. Each call is made once: trying again is the caller's business. */
export interface Bot {
  /** @throws {NotifyError} for everything but a 400 */
  ask<T>(request: (api: Api) => Promise<T>): Promise<BotAnswer<T>>
  /** @throws {NotifyError} */
  call<T>(request: (api: Api) => Promise<T>): Promise<T>
}

/** The errors of the library, what is read of them. */
interface LibraryError {
  readonly code?: unknown
  readonly errorCode?: unknown
  readonly description?: unknown
  readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number }
}

export function createBot({ who, apiUrl, fetch, token }: BotOptions): Bot {
  // A redirect would carry the token, which stands in the path, elsewhere.
  const fetchDirectly: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'error' })

  async function ask<T>(request: (api: Api) => Promise<T>): Promise<BotAnswer<T>> {
    const secret = token().reveal()
    if (!/^\d{1,20}:[A-Za-z0-9_-]{1,200}$/.test(secret)) {
      throw new NotifyError('auth', `${who}: its token does not look like 123456:ABC…`)
    }
    const { Api } = await import('node-telegram-bot-api')
    const api = new Api(secret, { apiRoot: apiUrl, fetch: fetchDirectly, maxRetries: 0, timeoutMs: CALL_MS })
    try {
      return { ok: true, result: await request(api) }
    } catch (error) {
      // Never as a cause: errors of the network name the URL, and that holds the token.
      const failure = failureOf(error as LibraryError, who, secret)
      const { errorCode, description } = error as LibraryError
      if (errorCode !== 400 || typeof description !== 'string') throw failure
      return { ok: false, description, failure }
    }
  }

  return {
    ask,
    async call(request) {
      const answer = await ask(request)
      if (answer.ok) return answer.result
      throw answer.failure
    },
  }
}

function failureOf({ code, errorCode, description, parameters }: LibraryError, who: string, secret: string) {
  if (typeof errorCode !== 'number') {
    if (code === 'ETIMEOUT') return new NotifyError('timeout', `${who}: Telegram does not answer in time`)
    if (code === 'EPARSE') return new NotifyError('unavailable', `${who}: what answers is not the Bot API`)
    return new NotifyError('unavailable', `${who}: Telegram cannot be reached`)
  }
  const words = String(description).replaceAll(secret, REDACTED).slice(0, LONGEST_DESCRIPTION)
  const message = `${who}: Telegram answered ${errorCode}: ${words}`
  const migrated = parameters?.migrate_to_chat_id
  if (migrated !== undefined) return new NotifyError('rejected', `${message}; set chat_id to ${migrated}`)
  if (errorCode === 401 || errorCode === 404) return new NotifyError('auth', `${message}: check the token`)
  if (errorCode === 403) return new NotifyError('auth', `${message}: add the bot to the chat again`)
  if (errorCode === 429) {
    return new NotifyError('rate_limited', message, { retryAfterMs: (parameters?.retry_after ?? 1) * 1000 })
  }
  // 409: somebody else polls with this token.
  const isTheirs = errorCode >= 500 || errorCode === 409
  return new NotifyError(isTheirs ? 'unavailable' : 'rejected', message)
}
