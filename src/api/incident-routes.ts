import type { Request, RequestHandler } from 'express'
import { z } from 'zod'
import { hasBody, readBody } from './body.ts'
import type { ChangeJson, IncidentDetailJson, IncidentJson, Page } from './contract.ts'
import type { Fleet } from './fleet.ts'
import { changeJson, incidentDetailJson, incidentJson } from './incident-json.ts'
import type { Incidents } from './incidents.ts'
import { cursorOf, readPageQuery } from './page.ts'
import { ApiError } from './problem.ts'
import type { Route } from './routes.ts'

const SMALL_BODY_BYTES = 1024
/** A thousand ids of ordinary length, and a text. */
const CHANGE_BODY_BYTES = 256 * 1024

const Nothing = z.strictObject({})
const FeedbackBody = z.strictObject({ useful: z.boolean() })
/** Years of four digits: the times must survive being written as ISO 8601 again. */
const Instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const ChangeBody = z
  .strictObject({
    targets: z.array(z.string().min(1).max(300)).min(1).max(1000),
    from: Instant,
    to: Instant,
    text: z.string().min(1).max(1000),
  })
  .refine(({ from, to }) => to > from, { path: ['to'], message: 'must be later than from' })

export function incidentRoutes(incidents: Incidents, fleet: Fleet): Route[] {
  return [
    { pattern: '/api/v1/incidents', methods: { GET: listIncidents(incidents) } },
    {
      pattern: '/api/v1/incidents/{id}',
      methods: { GET: async (req, res) => void res.json(detail(await incidents.get(idOf(req)))) },
    },
    {
      pattern: '/api/v1/incidents/{id}/acknowledge',
      methods: {
        POST: async (req, res) => {
          if (hasBody(req)) await readBody(req, res, Nothing, SMALL_BODY_BYTES)
          res.json(detail(await incidents.acknowledge(idOf(req))))
        },
      },
    },
    {
      pattern: '/api/v1/incidents/{id}/feedback',
      methods: {
        POST: async (req, res) => {
          const { useful } = await readBody(req, res, FeedbackBody, SMALL_BODY_BYTES)
          res.json(detail(await incidents.judge(idOf(req), useful)))
        },
      },
    },
    { pattern: '/api/v1/changes', methods: { POST: markChange(incidents, fleet) } },
  ]
}

function listIncidents(incidents: Incidents): RequestHandler {
  return async (req, res) => {
    const { limit, after } = readPageQuery(req)
    const { items, more } = await incidents.list({ target: readTarget(req), before: after, limit })
    const last = items.at(-1)
    const next_cursor = more && last !== undefined ? cursorOf(last.id) : null
    res.json({ items: items.map(incidentJson), next_cursor } satisfies Page<IncidentJson>)
  }
}

function markChange(incidents: Incidents, fleet: Fleet): RequestHandler {
  return async (req, res) => {
    const change = await incidents.mark(await readBody(req, res, ChangeBody, CHANGE_BODY_BYTES))
    const known = new Set<string>()
    for (const { target } of fleet.verdicts()) known.add(target.id)
    res.status(201).json(changeJson(change, (target) => known.has(target)) satisfies ChangeJson)
  }
}

function readTarget(req: Request): string | undefined {
  const { target } = req.query
  if (target === undefined || (typeof target === 'string' && target !== '')) return target
  throw new ApiError('invalid_parameter', 'target must be the id of one target')
}

function idOf(req: Request): string {
  return String(req.params['id'])
}

function detail(incident: Parameters<typeof incidentDetailJson>[0] | undefined): IncidentDetailJson {
  if (incident === undefined) throw new ApiError('incident_not_found', 'no incident with this id is kept')
  return incidentDetailJson(incident)
}
