import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express'
import { JournalError } from '../pipeline/journal.ts'
import type { Logger } from '../platform/logger.ts'
import type { Gate } from './auth/gate.ts'
import { ApiError, sendProblem } from './problem.ts'
import { addRoutes, type Route, routeOf } from './routes.ts'

export interface HttpAppOptions {
  /** What every request goes through first. */
  readonly before: readonly RequestHandler[]
  readonly routes: readonly Route[]
  readonly gate: Gate
  readonly logger: Logger
}

/** Routes over HTTP, with an answer in the same shape for whatever goes wrong. */
export function createHttpApp({ before, routes, gate, logger }: HttpAppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.use(...before)
  addRoutes(app, routes, gate)
  app.use(((_req, res) =>
    sendProblem(res, 'not_found', 'there is nothing at this path; / names what there is')) satisfies RequestHandler)
  app.use(answerErrors(logger))
  return app
}

/**
 * A page on the internet may make a browser post to a loopback address; browsers say so, and get nothing.
 *
 * @param isFromElsewhere what else tells such a request
 */
export function refuseOtherSites(isFromElsewhere: (req: Request) => boolean = () => false): RequestHandler {
  return (req, res, next) => {
    const site = req.get('Sec-Fetch-Site')
    const isSafe = req.method === 'GET' || req.method === 'HEAD'
    const isOwn = (site === undefined || site === 'same-origin' || site === 'none') && !isFromElsewhere(req)
    if (isSafe || isOwn) next()
    else sendProblem(res, 'cross_site', 'requests that change something are taken from this site only')
  }
}

function answerErrors(logger: Logger): ErrorRequestHandler {
  return (error, req, res, _next) => {
    if (res.headersSent) return void res.destroy()
    if (error instanceof ApiError) return sendProblem(res, error.code, error.message)
    // Express marks what is the client's fault, such as a path that cannot be decoded.
    if (error?.status === 400) return sendProblem(res, 'bad_request', 'the path cannot be decoded')
    if (error instanceof JournalError)
      return sendProblem(res, 'storage_unavailable', 'nothing was changed: the store cannot take it; try again')
    logger.error({ err: error, method: req.method, route: routeOf(res.locals) }, 'a request failed')
    sendProblem(res, 'internal', 'the log says why')
  }
}
