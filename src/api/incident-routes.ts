import type { Request, RequestHandler, Response } from 'express'
import type { Incident } from '../domain/incident.ts'
import { principalOf } from './auth/gate.ts'
import { byOf } from './auth/principal.ts'
import { hasBody, readBody } from './body.ts'
import type { ChangeJson, IncidentJson, Page } from './contract.ts'
import type { Fleet } from './fleet.ts'
import { recordIdOf } from './ids.ts'
import { changeJson, incidentDetailJson, incidentJson } from './incident-json.ts'
import type { Incidents } from './incidents.ts'
import { cursorOf } from './page.ts'
import { ApiError } from './problem.ts'
import { readQuery } from './query.ts'
import type { Remediation } from './remediation.ts'
import { operate, type Route, read } from './routes.ts'
import { ChangeBody, FeedbackBody, Nothing, SilenceBody } from './schemas/bodies.ts'
import { IncidentsQuery } from './schemas/queries.ts'
import { filteredPage, isVisible, labelsById, scopeOf } from './scope.ts'

const SMALL_BODY_BYTES = 1024
const SILENCE_BODY_BYTES = 8192
/** A thousand ids of ordinary length, and a text. */
const CHANGE_BODY_BYTES = 256 * 1024
const ACTIONS_SHOWN = 100

export interface IncidentRouteOptions {
  readonly incidents: Incidents
  readonly fleet: Fleet
  readonly remediation: Remediation
  /** ms since the epoch */
  readonly now: () => number
}

export function incidentRoutes(options: IncidentRouteOptions): Route[] {
  const { incidents, fleet, remediation, now } = options

  /** @throws {ApiError} `incident_not_found`, also for one outside of what is seen */
  async function visible(req: Request, res: Response): Promise<Incident> {
    const id = recordIdOf(req)
    const incident = id === undefined ? undefined : await incidents.get(id)
    if (incident === undefined || !isVisible(fleet, scopeOf(res))(incident)) throw notFound()
    return incident
  }

  async function answer(res: Response, incident: Incident | undefined): Promise<void> {
    if (incident === undefined) throw notFound()
    const { items } = await remediation.actions({ incidentId: incident.id, limit: ACTIONS_SHOWN })
    res.json(incidentDetailJson(incident, items))
  }

  return [
    { pattern: '/api/v1/incidents', methods: { GET: read(listIncidents(options)) } },
    {
      pattern: '/api/v1/incidents/{id}',
      methods: { GET: read(async (req, res) => answer(res, await visible(req, res))) },
    },
    {
      pattern: '/api/v1/incidents/{id}/acknowledge',
      methods: {
        POST: operate(async (req, res) => {
          if (hasBody(req)) await readBody(req, Nothing, SMALL_BODY_BYTES)
          const { id } = await visible(req, res)
          await answer(res, await incidents.acknowledge(id, byOf(principalOf(res))))
        }),
      },
    },
    {
      pattern: '/api/v1/incidents/{id}/feedback',
      methods: {
        POST: operate(async (req, res) => {
          const { useful } = await readBody(req, FeedbackBody, SMALL_BODY_BYTES)
          const { id } = await visible(req, res)
          await answer(res, await incidents.judge(id, useful, byOf(principalOf(res))))
        }),
      },
    },
    {
      pattern: '/api/v1/incidents/{id}/silence',
      methods: {
        POST: operate(async (req, res) => {
          const { duration, text } = await readBody(req, SilenceBody, SILENCE_BODY_BYTES)
          const { id } = await visible(req, res)
          const done = await remediation.silence(id, now() + duration, text, byOf(principalOf(res)))
          await answer(res, done?.incident)
        }),
      },
    },
    { pattern: '/api/v1/changes', methods: { POST: operate(markChange(incidents, fleet)) } },
  ]
}

function listIncidents({ incidents, fleet }: IncidentRouteOptions): RequestHandler {
  return async (req, res) => {
    const { limit, cursor, target, state: states } = readQuery(req, IncidentsQuery)
    const list = (before: string | undefined, most: number) => incidents.list({ target, states, before, limit: most })
    const { items, more } =
      scopeOf(res) === undefined
        ? await list(cursor, limit)
        : await filteredPage(list, isVisible(fleet, scopeOf(res)), cursor, limit)
    const last = items.at(-1)
    const next_cursor = more && last !== undefined ? cursorOf(last.id) : null
    res.json({ items: items.map(incidentJson), next_cursor } satisfies Page<IncidentJson>)
  }
}

function markChange(incidents: Incidents, fleet: Fleet): RequestHandler {
  return async (req, res) => {
    const body = await readBody(req, ChangeBody, CHANGE_BODY_BYTES)
    const sees = scopeOf(res)
    const watched = labelsById(fleet)
    const hidden = sees && body.targets.find((target) => !sees(watched.get(target) ?? {}) || !watched.has(target))
    if (hidden !== undefined) throw new ApiError('target_not_found', 'targets: one of them is not known')
    const change = await incidents.mark(body)
    res.status(201).json(changeJson(change, (target) => watched.has(target)) satisfies ChangeJson)
  }
}

function notFound(): ApiError {
  return new ApiError('incident_not_found', 'no incident with this id is kept')
}
