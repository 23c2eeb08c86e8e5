import type { Request, Response } from 'express'
import { ApiError } from '../problem.ts'
import { type Access, isFromElsewhere } from './access.ts'
import type { Identify } from './identify.ts'
import { ANYBODY, may, type Principal, type Role } from './principal.ts'
import { isCsrfToken, type Sessions } from './sessions.ts'

/** What a request needs: a role, and perhaps one that covers the whole fleet. */
export interface Need {
  readonly role: Role
  /** Not for those who see a part of the fleet only. */
  readonly wholeFleet?: boolean
}

/** Finds out who asks, and whether they may. */
export interface Gate {
  /** @throws {ApiError} `unauthorized`, `forbidden`, `csrf_token_missing`, `cross_site` */
  admit(req: Request, res: Response, need: Need): Promise<Principal>
}

export function createGate(access: () => Access, sessions: Sessions, now: () => number): Gate {
  async function identified(req: Request, res: Response, identify: Identify): Promise<Principal> {
    const principal = await identify.request(req)
    if (principal !== undefined) return principal
    if (req.headersDistinct['authorization'] === undefined) {
      const session = sessions.of(req, identify, now())
      if (session !== undefined) {
        if (changes(req) && !isCsrfToken(session, req.get('X-CSRF-Token')))
          throw new ApiError('csrf_token_missing', 'send the csrf_token of the session in the header X-CSRF-Token')
        return session.principal
      }
    }
    throw unauthorized(res, identify)
  }

  return {
    async admit(req, res, { role, wholeFleet = false }) {
      const { api, loopbackOnly } = access()
      // A name on the internet that leads to this machine makes a browser call its pages ours.
      if (api === undefined && loopbackOnly && changes(req) && isFromElsewhere(req))
        throw new ApiError('cross_site', 'requests that change something are taken from this machine’s own pages only')
      const principal = api === undefined ? ANYBODY : await identified(req, res, api)
      if (!may(principal, role)) throw new ApiError('forbidden', `this needs the role ${role}`)
      if (wholeFleet && principal.sees !== undefined)
        throw new ApiError('forbidden', 'this concerns the whole fleet, and the credential is for a part of it')
      res.locals['principal'] = principal
      return principal
    },
  }
}

/** A 401 that says what would help. */
export function unauthorized(res: Response, { challenges }: Identify): ApiError {
  if (challenges.length > 0) res.set('WWW-Authenticate', [...challenges])
  return new ApiError('unauthorized', 'a credential is needed that is known here')
}

/** Who the gate has let in. */
export function principalOf(res: Response): Principal {
  return res.locals['principal'] as Principal
}

function changes({ method }: Request): boolean {
  return method !== 'GET' && method !== 'HEAD'
}
