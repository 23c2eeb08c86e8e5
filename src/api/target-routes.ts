import type { Request, Response } from 'express'
import type { z } from 'zod'
import type { Verdict } from '../domain/verdict.ts'
import { JournalError } from '../pipeline/journal.ts'
import type { FleetJson, Page, TargetDetailJson, TargetJson } from './contract.ts'
import type { EventHub } from './events/event-hub.ts'
import type { Fleet, TargetDetail } from './fleet.ts'
import type { Incidents } from './incidents.ts'
import { pageOf } from './page.ts'
import { ApiError } from './problem.ts'
import { readQuery } from './query.ts'
import type { Remediation } from './remediation.ts'
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
  readonly incidents: Pick<Incidents, 'ongoing'>
  readonly remediation: Pick<Remediation, 'silenceOf'>
  readonly events: Pick<EventHub, 'newest'>
  readonly scores: Scores
  /** ms since the epoch, by the clock of the readings */
  readonly now: () => number
}

export function targetRoutes(options: TargetRouteOptions): Route[] {
  const { fleet, incidents, remediation, events, scores, now } = options

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

  async function sendOne(req: Request, res: Response): Promise<void> {
    const detail = visible(req, res)
    const { id } = detail.verdict.target
    const [incident, silence] = await Promise.all([known(incidents.ongoing(id)), known(remediation.silenceOf(id))])
    res.json(targetDetailJson(detail, { fleet, seen: seen(res), incident, silence }) satisfies TargetDetailJson)
  }

  async function sendScores(req: Request, res: Response): Promise<void> {
    const { target } = visible(req, res).verdict
    const request = scoresRequest(req, now())
    const gone = new AbortController()
    res.once('close', () => gone.abort(new Error('nobody waits for the answer any more')))
    const found = await scores.read(target, request, gone.signal).catch((error) => {
      if (!gone.signal.aborted) throw error
    })
    if (found !== undefined) await sendKnown(req, res, () => scoresJson(target.id, request, found, fleet.feature))
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
      methods: { GET: read(sendOne) },
    },
    { pattern: '/api/v1/targets/{id}/scores', methods: { GET: read(sendScores) } },
  ]
}

/** A store that fails costs what it knows, not what is in memory. */
async function known<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    const isStore = error instanceof JournalError || (error instanceof ApiError && error.code === 'storage_unavailable')
    if (isStore) return undefined
    throw error
  }
}

/** @throws {ApiError} `invalid_parameter` */
function scoresRequest(req: Request, now: number): ScoresRequest {
  const { to = now, from = to - HOUR_MS, features = [] } = readQuery(req, ScoresQuery)
  if (from >= to) throw new ApiError('invalid_parameter', 'from must lie before to')
  if (from >= now) throw new ApiError('invalid_parameter', 'from must lie in the past')
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
