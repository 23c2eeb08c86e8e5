import type { Express } from 'express'
import helmet from 'helmet'
import { isFromElsewhere } from '../../api/auth/access.ts'
import type { Gate } from '../../api/auth/gate.ts'
import { createHttpApp, refuseOtherSites } from '../../api/http-app.ts'
import { ApiError } from '../../api/problem.ts'
import type { Logger } from '../../platform/logger.ts'
import { controlRoutes } from './control-routes.ts'
import type { Simulation } from './simulation.ts'

/** The world over HTTP, to be given to `startServer`. It asks nobody who they are: nothing in it is real. */
export function createControlApi(simulation: Simulation, logger: Logger): Express {
  return createHttpApp({
    before: [helmet({ strictTransportSecurity: false }), refuseOtherSites(isFromElsewhere)],
    routes: controlRoutes(simulation),
    gate: nobody,
    logger,
  })
}

/** All routes are open. */
const nobody: Gate = {
  async admit() {
    throw new ApiError('forbidden', 'nobody may do this')
  },
}
