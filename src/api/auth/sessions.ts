import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Principal } from './principal.ts'

const COOKIE = 'homeostat_session'
const LIFETIME_MS = 12 * 3_600_000
const MOST = 1000

/** Somebody who has signed in with a browser. */
export interface Session {
  readonly principal: Principal
  /** To be sent back in the header `X-CSRF-Token` with every request that changes something. */
  readonly csrf: string
  /** ms since the epoch */
  readonly expiresAt: number
}

interface Begun {
  readonly session: Session
  /** For `Set-Cookie`. */
  readonly cookie: string
}

/** Sessions in memory: a restart ends them. */
export interface Sessions {
  /**
   * @param issuer what the session lives with: it is over for whoever asks with another one
   * @param secure whether the browser comes by TLS: the cookie then never travels without
   */
  begin(principal: Principal, issuer: object, at: number, secure: boolean): Begun
  of(req: IncomingMessage, issuer: object, at: number): Session | undefined
  end(req: IncomingMessage): void
}

export function createSessions(): Sessions {
  const sessions = new Map<string, Session & { readonly issuer: object }>()
  return {
    begin(principal, issuer, at, secure) {
      for (const [key, { expiresAt }] of sessions) if (expiresAt <= at) sessions.delete(key)
      if (sessions.size >= MOST) sessions.delete(sessions.keys().next().value!)
      const token = randomBytes(32).toString('base64url')
      const csrf = randomBytes(32).toString('base64url')
      // Nobody stays signed in for longer than what they have shown holds.
      const expiresAt = Math.min(at + LIFETIME_MS, principal.expiresAt ?? Number.POSITIVE_INFINITY)
      const session = { principal, csrf, expiresAt, issuer }
      sessions.set(keyOf(token), session)
      return {
        session,
        cookie: `${cookieOf(token, Math.max(0, Math.floor((expiresAt - at) / 1000)))}${secure ? '; Secure' : ''}`,
      }
    },
    of(req, issuer, at) {
      const token = tokenIn(req)
      const session = token === undefined ? undefined : sessions.get(keyOf(token))
      return session !== undefined && session.issuer === issuer && session.expiresAt > at ? session : undefined
    },
    end(req) {
      const token = tokenIn(req)
      if (token !== undefined) sessions.delete(keyOf(token))
    },
  }
}

/** What takes the cookie back. */
export const NO_COOKIE = cookieOf('', 0)

function cookieOf(token: string, seconds: number): string {
  return `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}`
}

export function isCsrfToken({ csrf }: Session, given: string | undefined): boolean {
  return given !== undefined && timingSafeEqual(digestOf(given), digestOf(csrf))
}

function tokenIn(req: IncomingMessage): string | undefined {
  const found = /(?:^|;) *homeostat_session=([\w-]{43})(?:;|$)/.exec(req.headers.cookie ?? '')
  return found?.[1]
}

/** The map holds digests: looking one up takes no longer for a guess that is nearly right. */
function keyOf(token: string): string {
  return digestOf(token).toString('hex')
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
