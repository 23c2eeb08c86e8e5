import type { Request, Response } from 'express'
import type { Action } from '../domain/action.ts'
import { actionDetailJson, actionJson } from './action-json.ts'
import { principalOf } from './auth/gate.ts'
import { byOf } from './auth/principal.ts'
import { hasBody, readBody } from './body.ts'
import type { ActionDetailJson, ActionJson, Page } from './contract.ts'
import type { Fleet } from './fleet.ts'
import { recordIdOf } from './ids.ts'
import { cursorOf } from './page.ts'
import { ApiError } from './problem.ts'
import { readQuery } from './query.ts'
import type { Remediation, Taken } from './remediation.ts'
import { operate, type Route, read } from './routes.ts'
import { DenyBody, ManualBody, Nothing } from './schemas/bodies.ts'
import { ActionsQuery } from './schemas/queries.ts'
import { filteredPage, labelsById, scopeOf } from './scope.ts'

const BODY_BYTES = 16 * 1024

export function actionRoutes(remediation: Remediation, fleet: Fleet): Route[] {
  /** @throws {ApiError} `action_not_found`, also for one outside of what is seen */
  async function visible(req: Request, res: Response): Promise<Action> {
    const id = recordIdOf(req)
    const action = id === undefined ? undefined : await remediation.action(id)
    if (action === undefined || !(await isVisible(res, action))) throw notFound()
    return action
  }

  async function isVisible(res: Response, action: Action): Promise<boolean> {
    const sees = scopeOf(res)
    return sees === undefined || sees(await remediation.labelsOf(action))
  }

  async function list(req: Request, res: Response): Promise<void> {
    const { limit, cursor, target, incident_id: incidentId, state: states } = readQuery(req, ActionsQuery)
    const page = (before: string | undefined, most: number) =>
      remediation.actions({ target, incidentId, states, before, limit: most })
    const { items, more } =
      scopeOf(res) === undefined
        ? await page(cursor, limit)
        : await filteredPage(page, (action) => isVisible(res, action), cursor, limit)
    const last = items.at(-1)
    const next_cursor = more && last !== undefined ? cursorOf(last.id) : null
    res.json({ items: items.map(actionJson), next_cursor } satisfies Page<ActionJson>)
  }

  async function request(req: Request, res: Response): Promise<void> {
    const manual = await readBody(req, ManualBody, BODY_BYTES)
    const sees = scopeOf(res)
    if (sees !== undefined) {
      const labels = labelsById(fleet).get(manual.target)
      if (labels === undefined || !sees(labels)) throw targetNotFound()
    }
    const by = byOf(principalOf(res))
    const asked = await remediation.request({ ...manual, idempotencyKey: readIdempotencyKey(req) }, by)
    if (asked.ok) return send(res, asked.action, asked.repeated ? 200 : 201)
    throw asked.why === 'target_not_found' ? targetNotFound() : new ApiError('unprocessable', asked.text)
  }

  return [
    { pattern: '/api/v1/actions', methods: { GET: read(list), POST: operate(request) } },
    {
      pattern: '/api/v1/actions/{id}',
      methods: { GET: read(async (req, res) => send(res, await visible(req, res))) },
    },
    {
      pattern: '/api/v1/actions/{id}/approve',
      methods: {
        POST: operate(async (req, res) => {
          if (hasBody(req)) await readBody(req, Nothing, BODY_BYTES)
          const { id } = await visible(req, res)
          sendTaken(res, await remediation.approve(id, byOf(principalOf(res))))
        }),
      },
    },
    {
      pattern: '/api/v1/actions/{id}/deny',
      methods: {
        POST: operate(async (req, res) => {
          const { reason } = hasBody(req) ? await readBody(req, DenyBody, BODY_BYTES) : {}
          const { id } = await visible(req, res)
          sendTaken(res, await remediation.deny(id, byOf(principalOf(res)), reason))
        }),
      },
    },
  ]
}

function send(res: Response, action: Action, status = 200): void {
  res.status(status).json(actionDetailJson(action) satisfies ActionDetailJson)
}

function sendTaken(res: Response, taken: Taken): void {
  if (taken.ok) send(res, taken.action)
  else throw taken.why === 'not_found' ? notFound() : new ApiError('action_not_waiting', taken.text)
}

function readIdempotencyKey(req: Request): string | undefined {
  const key = req.get('Idempotency-Key')
  if (key === undefined || /^[\x21-\x7e]{1,200}$/.test(key)) return key
  throw new ApiError('invalid_parameter', 'Idempotency-Key must have 1 to 200 printable characters, without blanks')
}

function notFound(): ApiError {
  return new ApiError('action_not_found', 'no action with this id is kept')
}

function targetNotFound(): ApiError {
  return new ApiError('target_not_found', 'no target with this id is known: GET /api/v1/targets lists them')
}
