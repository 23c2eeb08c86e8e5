import type { Express, RequestHandler } from 'express'
import helmet from 'helmet'
import type { Metrics } from '../platform/metrics.ts'
import { type ApiOptions, createRoutes } from './api-routes.ts'
import { createHttpApp, refuseOtherSites } from './http-app.ts'
import { routeOf } from './routes.ts'
import { DIRECTIVES } from './security-policy.ts'

/** The HTTP interface, to be given to `startServer`. */
export function createApi(options: ApiOptions): Express {
  const { metrics, logger } = options
  const before = [countRequests(metrics), securityHeaders(), refuseOtherSites()]
  return createHttpApp({ before, ...createRoutes(options), logger })
}

function countRequests(metrics: Metrics): RequestHandler {
  return (req, res, next) => {
    res.once('finish', () => metrics.requestServed(routeOf(res.locals), req.method, res.statusCode))
    next()
  }
}

function securityHeaders(): RequestHandler {
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: Object.fromEntries(Object.entries(DIRECTIVES).map(([name, values]) => [name, [...values]])),
    },
    // Whoever gives this name a certificate decides on this one; over plain HTTP browsers ignore it.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
  })
  return (req, res, next) => {
    res.set('Cache-Control', 'no-store')
    headers(req, res, next)
  }
}
