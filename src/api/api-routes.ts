import type { ReceiveAlerts } from '../pipeline/alert-door.ts'
import type { ReceiveReading } from '../pipeline/push.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import { actionRoutes } from './action-routes.ts'
import type { Access } from './auth/access.ts'
import { createGate, type Gate } from './auth/gate.ts'
import { createSessions } from './auth/sessions.ts'
import type { ConfigProblemJson } from './contract.ts'
import { freezeRoutes, ruleRoutes } from './control-routes.ts'
import { dashboardRoutes } from './dashboard-routes.ts'
import { docsRoutes } from './docs-routes.ts'
import type { EventHub } from './events/event-hub.ts'
import { createEventStreams } from './events/event-routes.ts'
import type { Fleet } from './fleet.ts'
import { incidentRoutes } from './incident-routes.ts'
import type { Incidents } from './incidents.ts'
import { type KpiSource, kpiRoutes } from './kpi-routes.ts'
import { metricsRoute } from './metrics-route.ts'
import { modelRoutes } from './model-routes.ts'
import type { Models } from './models.ts'
import { observationRoutes } from './observations/observation-routes.ts'
import { sendProblem } from './problem.ts'
import type { Remediation } from './remediation.ts'
import { admin, type Endpoint, open, type Route, wholeFleet } from './routes.ts'
import type { Scores } from './scores.ts'
import { sessionRoutes } from './session-routes.ts'
import type { StatusSource } from './status.ts'
import { statusRoutes } from './status-routes.ts'
import { targetRoutes } from './target-routes.ts'
import { webhookRoutes } from './webhooks/webhook-routes.ts'

export type ReloadResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly problems: readonly ConfigProblemJson[] }

export interface ApiOptions {
  readonly fleet: Fleet
  readonly incidents: Incidents
  /** Reads the configuration again; when it is refused, the old one stays in force. */
  readonly reload: () => Promise<ReloadResult>
  /** Who may ask what, as it is in force now. */
  readonly access: () => Access
  readonly remediation: Remediation
  readonly receiveAlerts: ReceiveAlerts
  readonly receiveReading: ReceiveReading
  readonly kpis: KpiSource
  readonly status: StatusSource
  readonly scores: Scores
  readonly models: Models
  readonly events: EventHub
  /** Directory of the built dashboard; without it, a page that names what else there is. */
  readonly dashboard?: string
  /** Directory of the files of `/api/docs`. */
  readonly docs?: string
  /** Of Homeostat. */
  readonly version: string
  /** ms since the epoch */
  readonly now: () => number
  readonly metrics: Metrics
  readonly logger: Logger
}

/** All that is answered, and who is asked who they are. */
export function createRoutes(options: ApiOptions): { readonly routes: readonly Route[]; readonly gate: Gate } {
  const { fleet, incidents, reload, remediation, receiveAlerts: receive, access, now, metrics } = options
  const sessions = createSessions()
  const gate = createGate(access, sessions, now)
  const streams = createEventStreams({ hub: options.events, gate, now, metrics })
  const routes = [
    // A path is compared with one route after the other: what is asked most comes first.
    ...observationRoutes({ gate, receive: options.receiveReading, metrics }),
    ...webhookRoutes({ access, gate, receive, metrics }),
    ...dashboardRoutes(options.dashboard),
    ...docsRoutes({ version: options.version, directory: options.docs }),
    { pattern: '/metrics', methods: { GET: metricsEndpoint(metrics, fleet, access, gate) } },
    ...lifecycleRoutes(fleet, reload),
    ...targetRoutes({ ...options, now: options.kpis.now }),
    ...incidentRoutes({ incidents, fleet, remediation, now }),
    ...modelRoutes(fleet, options.models),
    ...statusRoutes(options.status, fleet),
    ...kpiRoutes(options.kpis),
    ...actionRoutes(remediation, fleet),
    ...freezeRoutes(remediation),
    ...ruleRoutes(remediation, fleet),
    ...sessionRoutes({ access, sessions, now, onEnd: streams.recheck }),
    ...streams.routes,
  ]
  return { routes, gate }
}

/** Open unless `web.metrics_auth` is on: then it shows the whole fleet to those who may see it. */
function metricsEndpoint(metrics: Metrics, fleet: Fleet, access: () => Access, gate: Gate): Endpoint {
  const scrape = metricsRoute(metrics, fleet)
  return open(async (req, res, next) => {
    if (access().metricsAuth) await gate.admit(req, res, { role: 'read', wholeFleet: true })
    return scrape(req, res, next)
  })
}

function lifecycleRoutes(fleet: Fleet, reload: ApiOptions['reload']): Route[] {
  return [
    {
      pattern: '/-/healthy',
      methods: { GET: open((_req, res) => void res.type('text').send('Homeostat is healthy.\n')) },
    },
    {
      pattern: '/-/ready',
      methods: {
        GET: open((_req, res) => {
          if (fleet.firstCycleDone) res.type('text').send('Homeostat is ready.\n')
          else res.status(503).type('text').send('Homeostat is not ready: the first cycle is not done yet.\n')
        }),
      },
    },
    {
      pattern: '/-/reload',
      methods: {
        POST: wholeFleet(
          admin(async (_req, res) => {
            const result = await reload()
            if (result.ok) res.type('text').send('Configuration reloaded.\n')
            else sendProblem(res, 'config_invalid', 'the old configuration stays in force', result.problems)
          }),
        ),
      },
    },
  ]
}
