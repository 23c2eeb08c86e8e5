import { OfflineError, problemOf } from './problem.ts'

export { ApiProblem, OfflineError } from './problem.ts'

/** Longer than the daemon takes for anything that it answers. */
const TIMEOUT_MS = 20_000
/** A proxy answers so when there is nobody behind it. */
const NOBODY_BEHIND = [502, 504]

let csrfToken: string | null = null
const listeners = new Set<() => void>()

/** The token of the session, to be sent with what changes something. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token
}

/** Calls when an answer says that nobody has signed in, or not any more. */
export function onUnauthorized(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The address of a part of the API, relative to the page: the daemon may stand behind a path of a proxy. */
export function apiAddress(path: string): string {
  return `api/v1/${path}`
}

/**
 * @param path below `/api/v1/`, with its parts encoded: `targets/web-1%40node`
 * @throws {ApiProblem} where the daemon refused
 * @throws {OfflineError} where nobody answered
 */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await request('GET', apiAddress(path), undefined, signal)) as T
}

/** @throws as `getJson` */
export async function postJson<T>(path: string, body?: unknown): Promise<T> {
  return (await request('POST', apiAddress(path), body)) as T
}

/** @throws as `getJson` */
export async function deleteJson(path: string): Promise<void> {
  await request('DELETE', apiAddress(path))
}

/** Loads the configuration again, which stands beside the API. @throws as `getJson`; `config_invalid` where it is wrong */
export async function reloadConfiguration(): Promise<void> {
  await request('POST', '-/reload')
}

async function request(method: string, address: string, body?: unknown, signal?: AbortSignal): Promise<unknown> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (method !== 'GET' && csrfToken !== null) headers['X-CSRF-Token'] = csrfToken
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const init = {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  }
  const { status, ok, text } = await answerOf(address, init, signal)
  if (NOBODY_BEHIND.includes(status)) throw new OfflineError()
  if (ok) return text === '' ? undefined : JSON.parse(text)
  if (status === 401) for (const listener of listeners) listener()
  throw problemOf(status, text)
}

async function answerOf(address: string, init: RequestInit, signal?: AbortSignal) {
  try {
    const answer = await fetch(address, init)
    return { status: answer.status, ok: answer.ok, text: await answer.text() }
  } catch (error) {
    // Who asked does not want to know any more.
    if (signal?.aborted) throw error
    throw new OfflineError({ cause: error })
  }
}
