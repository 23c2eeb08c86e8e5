import * as http from 'node:http'
import * as https from 'node:https'
import type { LookupFunction } from 'node:net'

/** Where a request goes: a unix socket, or an address of the network. */
export type Origin =
  | { readonly socketPath: string }
  | { readonly url: URL; readonly tls?: https.AgentOptions; readonly lookup?: LookupFunction }

export interface Exchange {
  readonly origin: Origin
  readonly method: string
  /** With the query, as it goes over the wire. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** What is read of an answer; the rest is left unread. */
  readonly maxBytes: number
}

export interface Answer {
  readonly status: number
  readonly body: string
  /** Whether the body is not all there: too long, or the connection broke off behind the status. */
  readonly partial: boolean
}

/** No answer came. The message names neither path nor query. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  /** Whether the connection stood: then the request may have arrived and been followed. */
  readonly sent: boolean
  readonly code: string

  constructor(sent: boolean, code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.sent = sent
    this.code = code
  }
}

/** Sends one request over a connection of its own and follows no redirect. */
export type Send = (exchange: Exchange, signal: AbortSignal) => Promise<Answer>

/** @throws {NoAnswer} */
export const send: Send = (exchange, signal) => {
  return new Promise((resolve, reject) => {
    let connected = false
    const request = begin(exchange, signal)
    request.on('socket', (socket) => {
      socket.once('connect', () => {
        connected = true
      })
    })
    request.on('response', (response) => {
      read(response, exchange.maxBytes).then(resolve, reject)
    })
    request.on('error', (cause: NodeJS.ErrnoException) => {
      const code = signal.aborted ? 'ABORTED' : (cause.code ?? cause.name)
      reject(new NoAnswer(connected && !neverArrived(code), code, reasonFor(code, cause), { cause }))
    })
    request.end(exchange.body)
  })
}

function begin({ origin, method, path, headers, body }: Exchange, signal: AbortSignal): http.ClientRequest {
  const common = {
    method,
    path,
    signal,
    // A connection that is used again may be closed as we write, and nobody could say whether the request arrived.
    agent: false as const,
    headers: {
      'user-agent': 'homeostat',
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    },
  }
  if ('socketPath' in origin) return http.request({ ...common, socketPath: origin.socketPath, host: 'localhost' })
  const { url, tls, lookup } = origin
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const target = { ...common, host, port: url.port || undefined, lookup }
  return url.protocol === 'https:' ? https.request({ ...tls, ...target }) : http.request(target)
}

/** The status is what counts: what is missing of a body is remarked, not an error. */
function read(response: http.IncomingMessage, maxBytes: number): Promise<Answer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const finish = (partial: boolean) => {
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8'), partial })
      response.destroy()
    }
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) return finish(true)
      chunks.push(chunk)
    })
    response.on('end', () => finish(false))
    response.on('error', () => finish(true))
    response.on('aborted', () => finish(true))
  })
}

/** A TLS handshake that fails ends the connection before the request is written. */
function neverArrived(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_|^ERR_TLS|^ERR_SSL|EPROTO/.test(code)
}

function reasonFor(code: string, cause: Error): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'connection refused: is it running?'
    case 'ENOENT':
      return 'there is no such socket: is it running, and is the path right?'
    case 'EACCES':
      return 'this user may not open the socket'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name is not known here (${code})`
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection broke off before an answer came'
    case 'ABORTED':
      return 'no answer in time'
    default:
      return /CERT|SELF_SIGNED|UNABLE_TO_/.test(code) ? `its certificate is not trusted (${code})` : cause.message
  }
}
