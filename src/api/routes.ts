import type { Express, RequestHandler } from 'express'
import { sendProblem } from './problem.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** One path and what each method does there; `pattern` writes parameters as `{id}`. */
export interface Route {
  readonly pattern: string
  readonly methods: Partial<Readonly<Record<Method, RequestHandler>>>
}

/** Adds routes to the app. A method that a route does not have is answered with 405 and what it has. */
export function addRoutes(app: Express, routes: readonly Route[]): void {
  for (const { pattern, methods } of routes) {
    const allowed = Object.keys(methods).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    app.all(pattern.replaceAll(/\{(\w+)\}/g, ':$1'), (req, res, next) => {
      res.locals['route'] = pattern
      const handler = methods[(req.method === 'HEAD' ? 'GET' : req.method) as Method]
      if (handler !== undefined) return handler(req, res, next)
      res.set('Allow', allowed.join(', '))
      sendProblem(res, 'method_not_allowed', `${pattern} answers to ${allowed.join(', ')}`)
    })
  }
}

/** The pattern of the route that took the request; `other` when none did. A closed set, fit for a metric label. */
export function routeOf(locals: Readonly<Record<string, unknown>>): string {
  return typeof locals['route'] === 'string' ? locals['route'] : 'other'
}
