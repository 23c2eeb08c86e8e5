import type { Request, Response } from 'express'
import type { z } from 'zod'
import type { Verdict } from '../domain/verdict.ts'
import type { FleetJson, Page, TargetJson } from './contract.ts'
import type { EventHub } from './events/event-hub.ts'
import type { Fleet, TargetDetail } from './fleet.ts'
import { pageOf } from './page.ts'
import { ApiError } from './problem.ts'
import { readQuery } from './query.ts'
import { type Route, read } from './routes.ts'
import { ScoresQuery, TargetsQuery } from './schemas/queries.ts'
import { scopeOf } from './scope.ts'
import type { Scores, ScoresRequest } from './scores.ts'
import { scoresJson } from './scores-json.ts'
import { sendKnown } from './send-json.ts'
import { fleetTargetJson, targetDetailJson, targetJson } from './target-json.ts'

const HOUR_MS = 3_600_000
const LONGEST_MS = 366 * 24 * HOUR_MS

export interface TargetRouteOptions {
  readonly fleet: Fleet
  readonly events: Pick<EventHub, 'newest'>
  readonly scores: Scores
  /** ms since the epoch, by the clock of the readings */
  readonly now: () => number
}

export function targetRoutes({ fleet, events, scores, now }: TargetRouteOptions): Route[] {
  function seen(res: Response): Iterable<Verdict> {
    const sees = scopeOf(res)
    const all = fleet.verdicts()
    return sees === undefined ? all : [...all].filter(({ target }) => sees(target.labels))
  }

  /** @throws {ApiError} `target_not_found`, also for one outside of what is seen */
  function visible(req: Request, res: Response): TargetDetail {
    const detail = fleet.detail(String(req.params['id']))
    const sees = scopeOf(res)
    if (detail !== undefined && (sees === undefined || sees(detail.verdict.target.labels))) return detail
    throw new ApiError(
      'target_not_found',
      'no target with this id is known, or it is gone: GET /api/v1/targets lists them',
    )
  }

  async function sendScores(req: Request, res: Response): Promise<void> {
    const { target } = visible(req, res).verdict
    const request = scoresRequest(req, now())
    const gone = new AbortController()
    res.once('close', () => gone.abort(new Error('nobody waits for the answer any more')))
    const found = await scores.read(target, request, gone.signal)
    return sendKnown(req, res, () => scoresJson(target.id, request, found, fleet.feature))
  }

  return [
    {
      pattern: '/api/v1/fleet',
      methods: {
        GET: read((req, res) => {
          const last_event_id = events.newest
          const targets = [...seen(res)].sort(byId).map(fleetTargetJson)
          const at = fleet.cycleAt === undefined ? null : new Date(fleet.cycleAt).toISOString()
          return sendKnown(req, res, () => ({ at, last_event_id, targets }) satisfies FleetJson)
        }),
      },
    },
    {
      pattern: '/api/v1/targets',
      methods: {
        GET: read((req, res) => {
          const query = readQuery(req, TargetsQuery)
          const wanted = [...seen(res)].filter(filterOf(query))
          const { items, next_cursor } = pageOf(wanted, ({ target }) => target.id, query)
          return sendKnown(req, res, () => ({ items: items.map(targetJson), next_cursor }) satisfies Page<TargetJson>)
        }),
      },
    },
    {
      pattern: '/api/v1/targets/{id}',
      methods: { GET: read((req, res) => void res.json(targetDetailJson(visible(req, res)))) },
    },
    { pattern: '/api/v1/targets/{id}/scores', methods: { GET: read(sendScores) } },
  ]
}

/** @throws {ApiError} `invalid_parameter` */
function scoresRequest(req: Request, now: number): ScoresRequest {
  const { to = now, from = to - HOUR_MS, features = [] } = readQuery(req, ScoresQuery)
  if (from >= to) throw new ApiError('invalid_parameter', 'from must lie before to')
  if (to - from > LONGEST_MS) throw new ApiError('invalid_parameter', 'from must lie 366 days before to at most')
  return { fromMs: from, toMs: Math.min(to, now), features }
}

/** What the parameters of a list of targets ask for. */
function filterOf(query: z.output<typeof TargetsQuery>): (verdict: Verdict) => boolean {
  const { state: states, detected, labels = [] } = query
  const search = query.search?.toLowerCase()
  return (verdict) => {
    const { target } = verdict
    if (states !== undefined && !states.includes(verdict.state)) return false
    if (detected !== undefined && verdict.detected !== detected) return false
    if (labels.some(([name, value]) => (target.labels[name] ?? '') !== value)) return false
    return search === undefined || [target.id, ...Object.values(target.labels)].some((text) => holds(text, search))
  }
}

function holds(text: string, search: string): boolean {
  return text.toLowerCase().includes(search)
}

function byId({ target: a }: Verdict, { target: b }: Verdict): number {
  return a.id < b.id ? -1 : 1
}
