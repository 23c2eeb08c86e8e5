import type { RequestHandler, Response } from 'express'
import { rateLimit } from 'express-rate-limit'
import type { Access } from './auth/access.ts'
import { principalOf, unauthorized } from './auth/gate.ts'
import { ANYBODY, type Principal } from './auth/principal.ts'
import { NO_COOKIE, type Session, type Sessions } from './auth/sessions.ts'
import { readBody } from './body.ts'
import type { SessionJson } from './contract.ts'
import { sendProblem } from './problem.ts'
import { open, type Route, read } from './routes.ts'
import { SignInBody } from './schemas/bodies.ts'
import { permissionsOf } from './status-json.ts'

const BODY_BYTES = 16 * 1024
/** Sign-ins of one address that may fail within the window. */
const FAILURES = 10
const WINDOW_MS = 60_000

export interface SessionRouteOptions {
  readonly access: () => Access
  readonly sessions: Sessions
  /** ms since the epoch */
  readonly now: () => number
  /** Somebody has signed out. */
  readonly onEnd: () => void
}

/** Signing in with a browser: a cookie that scripts cannot read, and a token that other sites cannot know. */
export function sessionRoutes({ access, sessions, now, onEnd }: SessionRouteOptions): Route[] {
  const limited = limitFailures()

  const signIn: RequestHandler = async (req, res) => {
    const body = await readBody(req, SignInBody, BODY_BYTES)
    const { api, tls } = access()
    if (api === undefined) return void res.json(sessionJson(ANYBODY, false))
    const principal = 'token' in body ? await api.bearer(body.token) : await api.basic(body.username, body.password)
    if (principal === undefined) throw unauthorized(res, { ...api, challenges: [] })
    const { session, cookie } = sessions.begin(principal, api, now(), tls)
    res.set('Set-Cookie', cookie).json(sessionJson(principal, true, session))
  }

  return [
    {
      pattern: '/api/v1/session',
      methods: {
        GET: read((req, res) => {
          const { api } = access()
          const session = api && sessions.of(req, api, now())
          const principal = principalOf(res)
          const own = session?.principal === principal ? session : undefined
          res.json(sessionJson(principal, api !== undefined, own))
        }),
        POST: open((req, res, next) => {
          // Express takes care of what a handler rejects with, and not of what a handler inside another one does.
          limited(req, res, (error?: unknown) => {
            if (error) next(error)
            else Promise.resolve(signIn(req, res, next)).catch(next)
          })
        }),
        DELETE: open((req, res: Response) => {
          sessions.end(req)
          onEnd()
          res.set('Set-Cookie', NO_COOKIE).status(204).end()
        }),
      },
    },
  ]
}

function limitFailures(): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit: FAILURES,
    skipSuccessfulRequests: true,
    legacyHeaders: false,
    standardHeaders: 'draft-8',
    // It would write to the console what it makes of our proxies.
    validate: false,
    handler: (_req, res) => sendProblem(res, 'too_many_attempts', 'too many sign-ins have failed; wait a minute'),
  })
}

/** @param signIn whether anybody is asked who they are */
function sessionJson(principal: Principal, signIn: boolean, session?: Session): SessionJson {
  const { name, role } = principal
  return {
    name,
    role,
    csrf_token: session?.csrf ?? null,
    expires_at: session === undefined ? null : new Date(session.expiresAt).toISOString(),
    sign_in: signIn,
    permissions: permissionsOf(principal),
  }
}
