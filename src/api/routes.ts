import type { Express, RequestHandler } from 'express'
import type { Gate, Need } from './auth/gate.ts'
import type { Role } from './auth/principal.ts'
import { sendProblem } from './problem.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** What answers a method, and who may ask. */
export interface Endpoint {
  /** Undefined: everybody may, or the handler sees to it itself. */
  readonly need?: Need
  readonly handle: RequestHandler
}

/** One path and what each method does there; `pattern` writes parameters as `{id}`. */
export interface Route {
  readonly pattern: string
  readonly methods: Partial<Readonly<Record<Method, Endpoint>>>
}

/** For everybody. */
export function open(handle: RequestHandler): Endpoint {
  return { handle }
}

/** For those who may look. */
export const read = by('read')
/** For those who may act. */
export const operate = by('operate')
/** For those who may configure. */
export const admin = by('admin')

/** Not for those who see a part of the fleet only. */
export function wholeFleet({ need, handle }: Endpoint): Endpoint {
  return { need: need && { ...need, wholeFleet: true }, handle }
}

/** Adds routes to the app. A method that a route does not have is answered with 405 and what it has. */
export function addRoutes(app: Express, routes: readonly Route[], gate: Gate): void {
  for (const { pattern, methods } of routes) {
    const allowed = Object.keys(methods).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    app.all(pattern.replaceAll(/\{(\w+)\}/g, ':$1'), async (req, res, next) => {
      res.locals['route'] = pattern
      const method = req.method === 'HEAD' ? 'GET' : req.method
      const endpoint = Object.hasOwn(methods, method) ? methods[method as Method] : undefined
      if (endpoint !== undefined) {
        if (endpoint.need !== undefined) await gate.admit(req, res, endpoint.need)
        return endpoint.handle(req, res, next)
      }
      res.set('Allow', allowed.join(', '))
      sendProblem(res, 'method_not_allowed', `${pattern} answers to ${allowed.join(', ')}`)
    })
  }
}

/** The pattern of the route that took the request; `other` when none did. A closed set, fit for a metric label. */
export function routeOf(locals: Readonly<Record<string, unknown>>): string {
  return typeof locals['route'] === 'string' ? locals['route'] : 'other'
}

function by(role: Role): (handle: RequestHandler) => Endpoint {
  return (handle) => ({ need: { role }, handle })
}
