import type { Request, Response } from 'express'
import type { Freeze, Standing } from '../domain/safety.ts'
import { principalOf } from './auth/gate.ts'
import { byOf } from './auth/principal.ts'
import { hasBody, readBody } from './body.ts'
import type { Page, RuleJson } from './contract.ts'
import { freezeJson } from './control-json.ts'
import type { Fleet } from './fleet.ts'
import { MATCHES_DAYS, type Remediation, type RuleView } from './remediation.ts'
import { admin, operate, type Route, read, wholeFleet } from './routes.ts'
import { ReasonBody } from './schemas/bodies.ts'
import { isVisible, scopeOf } from './scope.ts'
import { sendKnown } from './send-json.ts'

const BODY_BYTES = 4096

/** The kill switch. Whoever may act may stop all actions; only who may configure lets them go on. */
export function freezeRoutes(remediation: Remediation): Route[] {
  const answer = (res: Response, freeze: Freeze | undefined) => void res.json(freezeJson(freeze))
  return [
    {
      pattern: '/api/v1/freeze',
      methods: {
        GET: read(async (_req, res) => answer(res, await remediation.frozen())),
        POST: wholeFleet(
          operate(async (req, res) => {
            const reason = await readReason(req)
            answer(res, await remediation.freeze(reason, byOf(principalOf(res))))
          }),
        ),
      },
    },
    {
      pattern: '/api/v1/unfreeze',
      methods: {
        POST: wholeFleet(
          admin(async (req, res) => {
            const reason = await readReason(req)
            answer(res, await remediation.unfreeze(byOf(principalOf(res)), reason))
          }),
        ),
      },
    },
  ]
}

async function readReason(req: Request): Promise<string> {
  return hasBody(req) ? (await readBody(req, ReasonBody, BODY_BYTES)).reason : ''
}

export function ruleRoutes(remediation: Remediation, fleet: Fleet): Route[] {
  return [
    {
      pattern: '/api/v1/rules',
      methods: {
        GET: read(async (req, res) => {
          // Groups are of the whole fleet: who sees a part of it does not see how they stand.
          const sees = scopeOf(res)
          const rules = await remediation.rules(isVisible(fleet, sees))
          const items = rules.map((rule) => ruleJson(rule, sees === undefined ? rule.standings : []))
          return sendKnown(req, res, () => ({ items, next_cursor: null }) satisfies Page<RuleJson>)
        }),
      },
    },
  ]
}

function ruleJson(rule: RuleView, standings: readonly Standing[]): RuleJson {
  const { name, file, priority, when, steps, severity, mode, matches } = rule
  return {
    name,
    file,
    priority,
    when,
    ...steps[0],
    steps,
    severity,
    mode,
    standings: standings.map(standingJson),
    matches: matches.count,
    matches_days: MATCHES_DAYS,
    last_matched_at: matches.lastAt === undefined ? null : new Date(matches.lastAt).toISOString(),
    verdicts: matches.verdicts,
  }
}

function standingJson({ group, mode, right, wrong, since }: Standing): RuleJson['standings'][number] {
  return { group, mode, right, wrong, since: new Date(since).toISOString() }
}
