import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import { isFromElsewhere } from '../../api/auth/access.ts'
import type { Gate } from '../../api/auth/gate.ts'
import { ApiError, sendProblem } from '../../api/problem.ts'
import { addRoutes } from '../../api/routes.ts'
import type { Logger } from '../../platform/logger.ts'
import { controlRoutes } from './control-routes.ts'
import type { Simulation } from './simulation.ts'

/** The world over HTTP, to be given to `startServer`. It asks nobody who they are: nothing in it is real. */
export function createControlApi(simulation: Simulation, logger: Logger): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.use(helmet({ strictTransportSecurity: false }), refuseOtherSites)
  addRoutes(app, controlRoutes(simulation), nobody)
  app.use(((_req, res) =>
    sendProblem(res, 'not_found', 'there is nothing at this path; / names what there is')) satisfies RequestHandler)
  app.use(answerErrors(logger))
  return app
}

/** All routes are open. */
const nobody: Gate = {
  async admit() {
    throw new ApiError('forbidden', 'nobody may do this')
  },
}

/** A page on the internet may make a browser post to this address; browsers say so, and get nothing. */
const refuseOtherSites: RequestHandler = (req, res, next) => {
  const site = req.get('Sec-Fetch-Site')
  const isSafe = req.method === 'GET' || req.method === 'HEAD'
  const isOwn = (site === undefined || site === 'same-origin' || site === 'none') && !isFromElsewhere(req)
  if (isSafe || isOwn) next()
  else sendProblem(res, 'cross_site', 'requests that change something are taken from this site only')
}

function answerErrors(logger: Logger): ErrorRequestHandler {
  return (error, req, res, _next) => {
    if (res.headersSent) return void res.destroy()
    if (error instanceof ApiError) return sendProblem(res, error.code, error.message)
    // Express marks what is the client's fault, such as a path that cannot be decoded.
    if (error?.status === 400) return sendProblem(res, 'bad_request', 'the path cannot be decoded')
    logger.error({ err: error, method: req.method }, 'a request failed')
    sendProblem(res, 'internal', 'the request failed; the log says why')
  }
}
