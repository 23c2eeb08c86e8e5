import * as http from 'node:http'
import * as https from 'node:https'
import { promisify } from 'node:util'
import { gunzip, type ZlibOptions } from 'node:zlib'
import { messageOf, ObserveError } from './error.ts'
import { redactUrl } from './url.ts'

/** One exchange: GET, or POST of a form where `form` is given. */
export interface HttpRequest {
  readonly url: URL
  readonly form?: URLSearchParams
  readonly accept: string
  readonly timeoutMs: number
  /**
   * Is shown the body of an answer with status 200, which it may look at until it returns. When it takes it, by true,
   * no string is made of it: `body` is empty then.
   */
  readonly take?: (body: Buffer) => boolean
}

export interface HttpAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
  /** Set when `take` took it. */
  readonly taken?: true
}

/**
 * Fetches, decoded and bounded. Any status but a redirect is an answer; 401 and 403 are not.
 *
 * @throws {ObserveError} `unreachable`, `timeout`, `auth`, `too_large`, or `bad_response` for a redirect
 * @throws the signal's reason, when the caller stopped it for anything but a timeout
 */
export type HttpGet = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>

export type Credentials =
  | { readonly username: string; readonly password: string }
  /** Asked before each request, so that a rotated token file is picked up. */
  | { readonly bearer: () => Promise<string> }

/** Contents, not paths: PEM texts as read by the caller. */
export interface TlsOptions {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly serverName?: string
  readonly insecureSkipVerify?: boolean
}

export interface ConnectionOptions {
  readonly credentials?: Credentials
  readonly headers?: Readonly<Record<string, string>>
  readonly tls?: TlsOptions
}

export interface HttpClientOptions extends ConnectionOptions {
  /** Whom we talk to and where that is configured, for messages: `Prometheus`, `source.prometheus`. */
  readonly peer: string
  readonly option: string
  /** Largest answer accepted, in bytes after decompression. */
  readonly maxBytes: number
  readonly maxSockets: number
}

export interface HttpClient {
  readonly get: HttpGet
  close(): void
}

/**
 * A client over node:http and node:https, which unlike the global fetch can be given certificates without another
 * dependency. Connections are kept alive. Redirects are not followed: credentials would go to a place nobody named.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const pool = { keepAlive: true, maxSockets: options.maxSockets }
  const plain = new http.Agent(pool)
  const secure = new https.Agent({ ...pool, ...tlsOptions(options.tls) })

  const get: HttpGet = async (request, signal) => {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(request.timeoutMs)])
    const agent = request.url.protocol === 'https:' ? secure : plain
    try {
      const headers = await headersOf(request, options)
      const { location, ...answer } = await exchangeTwice(request, headers, agent, deadline, options.maxBytes)
      assertUsable({ ...answer, location }, request, options)
      return answer
    } catch (error) {
      throw explain(error, request, options, signal)
    }
  }
  return {
    get,
    close() {
      plain.destroy()
      secure.destroy()
    },
  }
}

interface RawAnswer extends HttpAnswer {
  readonly location: string | undefined
}

class TooLarge extends Error {}

const inflated = promisify<Buffer, ZlibOptions, Buffer>(gunzip)
const LENGTH_BYTES = 4
const SMALLEST_CHUNK_BYTES = 64 * 1024

function tlsOptions(tls: TlsOptions = {}): https.AgentOptions {
  return {
    ca: tls.ca,
    cert: tls.cert,
    key: tls.key,
    servername: tls.serverName,
    rejectUnauthorized: !tls.insecureSkipVerify,
  }
}

async function headersOf(request: HttpRequest, options: HttpClientOptions): Promise<http.OutgoingHttpHeaders> {
  const headers: http.OutgoingHttpHeaders = {
    accept: request.accept,
    'accept-encoding': 'gzip',
    'user-agent': 'homeostat',
    ...options.headers,
  }
  const authorization = await authorizationOf(request.url, options)
  if (authorization) headers['authorization'] = authorization
  if (request.form) headers['content-type'] = 'application/x-www-form-urlencoded'
  return headers
}

async function authorizationOf(
  url: URL,
  { credentials, peer, option }: HttpClientOptions,
): Promise<string | undefined> {
  if (credentials && 'bearer' in credentials) {
    const token = await credentials.bearer().catch((cause) => {
      throw new ObserveError('auth', `no token for ${peer}: ${messageOf(cause)}; see authorization under ${option}`, {
        cause,
      })
    })
    return `Bearer ${token.trim()}`
  }
  const basic = credentials ?? userinfoOf(url)
  return basic && `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`
}

function userinfoOf(url: URL): { username: string; password: string } | undefined {
  if (url.username === '') return undefined
  return { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
}

/** A server may close a kept-alive connection just as we use it; such a request never reached it and is sent again. */
async function exchangeTwice(...exchangeOnce: Parameters<typeof exchange>): Promise<RawAnswer> {
  try {
    return await exchange(...exchangeOnce)
  } catch (error) {
    if (error instanceof StaleConnection) return exchange(...exchangeOnce)
    throw error
  }
}

class StaleConnection extends Error {}

function exchange(
  { url, form, take }: HttpRequest,
  headers: http.OutgoingHttpHeaders,
  agent: http.Agent,
  signal: AbortSignal,
  maxBytes: number,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http
    const target = new URL(url)
    target.username = ''
    target.password = ''
    const sent = request(target, { method: form ? 'POST' : 'GET', headers, agent, signal }, (response) => {
      const { statusCode: status = 0, headers: got } = response
      readBody(response, maxBytes, status === 200 ? take : undefined).then((read) => {
        resolve({ status, contentType: got['content-type'] ?? '', location: got.location, ...read })
      }, reject)
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const stale = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      reject(stale ? new StaleConnection(error.message, { cause: error }) : error)
    })
    sent.end(form?.toString())
  })
}

async function readBody(
  response: http.IncomingMessage,
  maxBytes: number,
  take: HttpRequest['take'],
): Promise<Pick<HttpAnswer, 'body' | 'taken'>> {
  const body = await decoded(await received(response, maxBytes), response.headers['content-encoding'], maxBytes)
  try {
    return take?.(body) ? { body: '', taken: true } : { body: body.toString('utf8') }
  } finally {
    release(body)
  }
}

async function received(response: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxBytes) throw new TooLarge()
      chunks.push(chunk)
    }
  } finally {
    // Does nothing to a response read to its end; otherwise ends the connection, so that no more is sent.
    response.destroy()
  }
  return Buffer.concat(chunks)
}

/** Inflates into one piece, which for 10,000 targets has a megabyte, and belongs to nobody else. */
async function decoded(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  if (encoding !== 'gzip' || body.length === 0) return body
  // The last four bytes tell the length; where they lie, there are several pieces to be put together.
  const told = body.length < LENGTH_BYTES ? 0 : body.readUInt32LE(body.length - LENGTH_BYTES) + 1
  const chunkSize = Math.min(Math.max(told, SMALLEST_CHUNK_BYTES), maxBytes)
  try {
    return await inflated(body, { chunkSize, maxOutputLength: maxBytes })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? new TooLarge() : error
  }
}

/**
 * Gives memory back at once that only we know of. The answers of a tick of 10,000 targets have 45 MB, which would lie
 * about until the next collection and leave holes.
 */
function release({ buffer }: Buffer): void {
  // Smaller ones may be part of a block that others use.
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0)
}

function assertUsable(answer: RawAnswer, request: HttpRequest, { peer, option }: HttpClientOptions): void {
  const where = redactUrl(request.url)
  if (answer.status >= 300 && answer.status < 400) {
    const to = answer.location ? redactUrl(URL.parse(answer.location, request.url.href) ?? '') : 'elsewhere'
    throw new ObserveError(
      'bad_response',
      `${peer} at ${where} redirects to ${to}, which is not followed: set ${option} to the final URL, or give the credentials that the login page wants`,
    )
  }
  if (answer.status === 401 || answer.status === 403) {
    const why = answer.status === 401 ? 'wants credentials (401)' : 'refuses these credentials (403)'
    throw new ObserveError('auth', `${peer} at ${where} ${why}: check basic_auth or authorization under ${option}`)
  }
}

function explain(
  error: unknown,
  { url, timeoutMs }: HttpRequest,
  { peer, option, maxBytes }: HttpClientOptions,
  signal: AbortSignal,
): unknown {
  if (error instanceof ObserveError) return error
  const where = `${peer} at ${redactUrl(url)}`
  if (error instanceof TooLarge) {
    return new ObserveError(
      'too_large',
      `the answer of ${where} is larger than ${maxBytes} bytes: watch less by matchers, or raise the limit`,
    )
  }
  if (signal.aborted && (signal.reason as Error | undefined)?.name !== 'TimeoutError') return signal.reason
  if (isTimeout(error, signal)) {
    return new ObserveError('timeout', `${where} did not answer within ${timeoutMs / 1000} s: is it overloaded?`, {
      cause: error,
    })
  }
  return new ObserveError('unreachable', `cannot read from ${where}: ${hintFor(error, option)}`, { cause: error })
}

function isTimeout(error: unknown, signal: AbortSignal): boolean {
  const { name, code } = error as NodeJS.ErrnoException
  return signal.aborted || name === 'AbortError' || name === 'TimeoutError' || code === 'ETIMEDOUT'
}

function hintFor(error: unknown, option: string): string {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (code === 'ECONNREFUSED') return `connection refused: is it running, and is ${option} right?`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the host name is not known here (${code}): check ${option}`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `its certificate is for another name: set server_name under ${option}.tls`
  if (/CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)/.test(code)) {
    return `its certificate is not trusted (${code}): set ca_file under ${option}.tls`
  }
  return messageOf(error)
}
