import { ObserveError } from '../error.ts'
import type { HttpAnswer, HttpGet } from '../http.ts'
import { redactUrl } from '../url.ts'

/** One query's series, unchecked beyond being a list: whoever reads them checks each as it goes. */
interface QueryAnswer {
  readonly series: readonly unknown[]
  /** Why the answer may be incomplete; harmless remarks (`infos`) left out. */
  readonly warnings: readonly string[]
  /** Set when the caller took the answer in unparsed: there are no series here. */
  readonly taken?: true
}

export interface PrometheusClient {
  /**
   * Instant query at `atMs`.
   *
   * @param read may take in an answer as it came over the wire, and keep nothing of it; what it returns false for is
   *   parsed
   * @throws {ObserveError}
   */
  query(
    promql: string,
    atMs: number,
    timeoutMs: number,
    signal: AbortSignal,
    read?: (body: Buffer) => boolean,
  ): Promise<QueryAnswer>
  /** Range query; at most 11,000 steps. @throws {ObserveError} */
  queryRange(
    promql: string,
    range: { fromMs: number; toMs: number; stepMs: number },
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<QueryAnswer>
  /** `data` of another GET endpoint, such as `targets`. @throws {ObserveError} */
  read(endpoint: string, params: Record<string, string>, timeoutMs: number, signal: AbortSignal): Promise<unknown>
}

/** Some proxies refuse longer request lines. */
const LONGEST_URL = 2_000

/**
 * Speaks the Prometheus HTTP API, also to servers that imitate it.
 *
 * @param baseUrl its root, perhaps with a path prefix and query parameters of its own, which are kept
 */
export function createPrometheusClient(get: HttpGet, baseUrl: URL): PrometheusClient {
  const ask = async (
    endpoint: string,
    params: Record<string, string>,
    timeoutMs: number,
    signal: AbortSignal,
    take?: (body: Buffer) => boolean,
  ) => {
    const request = { ...addressOf(baseUrl, endpoint, params), accept: 'application/json', timeoutMs, take }
    return { answer: await get(request, signal), url: request.url }
  }
  const call = async (endpoint: string, params: Record<string, string>, timeoutMs: number, signal: AbortSignal) => {
    const { answer, url } = await ask(endpoint, params, timeoutMs, signal)
    return payloadOf(answer, url, params['query'])
  }
  // VictoriaMetrics otherwise answers with values of 30 s ago and moves the steps of a range; others ignore it.
  const nocache = '1'
  return {
    async query(query, atMs, timeoutMs, signal, read) {
      const { answer, url } = await ask('query', { query, time: String(atMs / 1000), nocache }, timeoutMs, signal, read)
      if (answer.taken) return { series: [], warnings: [], taken: true }
      return answerOf(payloadOf(answer, url, query), 'vector', query)
    },
    async queryRange(query, { fromMs, toMs, stepMs }, timeoutMs, signal) {
      const params = {
        query,
        start: String(fromMs / 1000),
        end: String(toMs / 1000),
        step: String(stepMs / 1000),
        nocache,
      }
      return answerOf(await call('query_range', params, timeoutMs, signal), 'matrix', query)
    },
    async read(endpoint, params, timeoutMs, signal) {
      return (await call(endpoint, params, timeoutMs, signal)).data
    },
  }
}

interface Payload {
  readonly data: unknown
  readonly warnings: readonly string[]
}

function addressOf(
  baseUrl: URL,
  endpoint: string,
  params: Record<string, string>,
): { url: URL; form?: URLSearchParams } {
  const url = new URL(baseUrl)
  url.pathname = `${baseUrl.pathname.replace(/\/+$/, '')}/api/v1/${endpoint}`
  const long = new URL(url)
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  return url.href.length <= LONGEST_URL ? { url } : { url: long, form: new URLSearchParams(params) }
}

/** @throws {ObserveError} for everything but a success of the API */
function payloadOf(answer: HttpAnswer, url: URL, query: string | undefined): Payload {
  const where = redactUrl(url)
  const body = parseBody(answer, where)
  if (answer.status !== 200 || body['status'] !== 'success') throw refusal(answer.status, body, where, query)
  const warnings = Array.isArray(body['warnings']) ? body['warnings'].map(String) : []
  if (body['isPartial'] === true) warnings.push('the answer is partial: some storage nodes did not answer')
  return { data: body['data'], warnings }
}

function parseBody({ status, contentType, body }: HttpAnswer, where: string): Record<string, unknown> {
  if (status === 404) {
    throw new ObserveError('bad_response', `${where} does not exist (404): the URL must be the root of a Prometheus`)
  }
  try {
    const parsed: unknown = JSON.parse(body)
    if (isRecord(parsed)) return parsed
  } catch {
    // Told below, together with JSON that is no object.
  }
  if (status === 429 || status >= 500) {
    throw new ObserveError(
      'unreachable',
      `${where} answers ${status}: Prometheus, or a proxy before it, is overloaded or down`,
    )
  }
  const html = contentType.includes('html') || /^\s*</.test(body)
  const what = html ? 'HTML (a login page?)' : 'something else'
  throw new ObserveError(
    'bad_response',
    `${where} answers ${status} with ${what} instead of JSON: is this a Prometheus?`,
  )
}

function refusal(
  status: number,
  body: Record<string, unknown>,
  where: string,
  query: string | undefined,
): ObserveError {
  const said = `${typeof body['error'] === 'string' ? body['error'].slice(0, 500) : 'no reason given'} (${status})`
  const asked = query ? `query ${query}: ` : ''
  const message = `${asked}${where} says: ${said}`
  if (body['errorType'] === 'timeout' || body['errorType'] === 'canceled') return new ObserveError('timeout', message)
  if (status === 429 || status >= 500) return new ObserveError('unreachable', message)
  if (/too many|exceed|too large|max(imum)? (number|resolution|samples|series|points)/i.test(said)) {
    return new ObserveError('too_large', message)
  }
  if (status === 400 || status === 422) return new ObserveError('query', message)
  return new ObserveError('bad_response', message)
}

function answerOf({ data, warnings }: Payload, resultType: 'vector' | 'matrix', query: string): QueryAnswer {
  if (!isRecord(data) || !Array.isArray(data['result'])) {
    throw new ObserveError('bad_response', `query ${query}: the answer has no data.result`)
  }
  if (data['resultType'] !== resultType) {
    throw new ObserveError(
      'query',
      `query ${query}: gives a ${data['resultType']}, where a ${resultType} with labels is needed`,
    )
  }
  return { series: data['result'], warnings }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
