import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Logger } from '../platform/logger.ts'

export interface RunningServer {
  /** As in force: port 0 has become a real one. */
  readonly host: string
  readonly port: number
  /** `http://127.0.0.1:9797` */
  readonly url: string
  /** New connections get these certificates. @throws {ListenError} when they cannot be used; the old ones stay */
  renew(tls: TlsFiles): void
  /** Takes no more connections, lets answers under way finish, and cuts them off after `deadlineMs`. */
  close(deadlineMs?: number): Promise<void>
}

/** What the server shows, and asks of its clients; each in PEM. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
  /** Authorities one of which must have signed a client's certificate; undefined: clients need none. */
  readonly clientCa?: string
}

/** We cannot listen where we should. The message says what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

const LIMITS = {
  /** A request must have come in whole by then; checked every `connectionsCheckingInterval`. Bodies end sooner, by `readRaw`. */
  requestTimeout: 25_000,
  headersTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  /** Longer than the usual scrape intervals, so that Prometheus keeps its connection. */
  keepAliveTimeout: 75_000,
  maxHeaderSize: 16 * 1024,
}

const TLS_LIMITS = { ...LIMITS, minVersion: 'TLSv1.2', handshakeTimeout: 10_000 } as const
const MAX_CONNECTIONS = 1024
const CLOSE_DEADLINE_MS = 4_000
const CLOSE_POLL_MS = 20

/**
 * Serves an app; with `tls` by https alone.
 *
 * @throws {ListenError} when the address is taken, not ours, or not permitted, or a certificate cannot be used
 */
export async function startServer(
  app: RequestListener,
  host: string,
  port: number,
  logger: Logger,
  tls?: TlsFiles,
): Promise<RunningServer> {
  const secure = tls && usable(() => createTlsServer({ ...TLS_LIMITS, ...contextOf(tls) }, app))
  const server = secure ?? createServer(LIMITS, app)
  server.maxConnections = MAX_CONNECTIONS
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
    server.listen({ host, port }, () => {
      server.removeAllListeners('error')
      // Out of file descriptors, for one: that connection is lost, the next may be taken.
      server.on('error', (err) => logger.error({ err }, 'a connection could not be accepted'))
      resolve()
    })
  })
  const bound = server.address() as AddressInfo
  const close = (deadlineMs = CLOSE_DEADLINE_MS): Promise<void> =>
    new Promise((resolve) => {
      // A keep-alive connection turns idle only once its answer is out: look again until none is left.
      const poll = setInterval(() => server.closeIdleConnections(), CLOSE_POLL_MS)
      const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs)
      server.close(() => {
        clearInterval(poll)
        clearTimeout(deadline)
        resolve()
      })
    })
  const url = `${secure === undefined ? 'http' : 'https'}://${addressOf(bound.address, bound.port)}`
  return {
    host: bound.address,
    port: bound.port,
    url,
    renew: (files) => usable(() => secure?.setSecureContext(contextOf(files))),
    close,
  }
}

function contextOf({ cert, key, clientCa }: TlsFiles): Parameters<TlsServer['setSecureContext']>[0] & ClientDemand {
  const asked = clientCa !== undefined
  return { cert, key, ca: clientCa, requestCert: asked, rejectUnauthorized: asked }
}

/** OpenSSL's words for a certificate or key that cannot be used, with the place to look. */
function usable<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const { message } = cause as Error
    throw new ListenError(`web.tls: the certificates or the key cannot be used: ${message}`, { cause })
  }
}

interface ClientDemand {
  readonly requestCert: boolean
  readonly rejectUnauthorized: boolean
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): ListenError {
  const address = addressOf(host, port)
  const elsewhere = 'set web.listen_address / --web.listen-address'
  switch (error.code) {
    case 'EADDRINUSE':
      return new ListenError(`${address} is taken by another process: stop it or ${elsewhere}`, { cause: error })
    case 'EACCES':
      return new ListenError(`not permitted to listen on ${address}: use a port from 1024 on, ${elsewhere}`, {
        cause: error,
      })
    case 'EADDRNOTAVAIL':
      return new ListenError(`${host} is no address of this machine: ${elsewhere}`, { cause: error })
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ListenError(`the host name ${host} cannot be resolved: ${elsewhere}`, { cause: error })
    default:
      return new ListenError(`cannot listen on ${address}: ${error.code ?? error.message}`, { cause: error })
  }
}

function addressOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
