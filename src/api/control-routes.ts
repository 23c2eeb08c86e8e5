import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Freeze, Standing } from '../domain/safety.ts'
import { principalOf } from './auth/gate.ts'
import { byOf } from './auth/principal.ts'
import { hasBody, readBody } from './body.ts'
import type { ModelListingJson, Page, RuleJson } from './contract.ts'
import { freezeJson } from './control-json.ts'
import type { Fleet, ModelInfo } from './fleet.ts'
import { pageOf } from './page.ts'
import { readQuery } from './query.ts'
import type { Remediation, RuleView } from './remediation.ts'
import { admin, operate, type Route, read, wholeFleet } from './routes.ts'
import { PageQuery } from './schemas/queries.ts'
import { scopeOf } from './scope.ts'

const BODY_BYTES = 4096
const Reason = z.strictObject({ reason: z.string().max(1000).default('') })

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
  return hasBody(req) ? (await readBody(req, Reason, BODY_BYTES)).reason : ''
}

export function ruleRoutes(remediation: Remediation): Route[] {
  return [
    {
      pattern: '/api/v1/rules',
      methods: {
        GET: read(async (_req, res) => {
          // Groups are of the whole fleet: who sees a part of it does not see how they stand.
          const whole = scopeOf(res) === undefined
          const items = (await remediation.rules()).map((rule) => ruleJson(rule, whole ? rule.standings : []))
          res.json({ items, next_cursor: null } satisfies Page<RuleNow>)
        }),
      },
    },
  ]
}

export function modelRoutes(fleet: Fleet): Route[] {
  return [
    {
      pattern: '/api/v1/models',
      methods: {
        GET: read((req, res) => {
          const sees = scopeOf(res)
          const inUse = new Map<string, { model: ModelInfo; targets: number }>()
          for (const { target } of fleet.verdicts()) {
            if (sees !== undefined && !sees(target.labels)) continue
            const model = fleet.modelOf(target.id)
            if (model === undefined) continue
            const { targets } = inUse.get(model.id) ?? { targets: 0 }
            inUse.set(model.id, { model, targets: targets + 1 })
          }
          const { items, next_cursor } = pageOf(inUse.values(), ({ model }) => model.id, readQuery(req, PageQuery))
          res.json({ items: items.map(modelJson), next_cursor } satisfies Page<ModelNow>)
        }),
      },
    },
  ]
}

type RuleNow = Omit<RuleJson, 'steps' | 'matches' | 'matches_days' | 'last_matched_at' | 'verdicts'>
type ModelNow = Pick<ModelListingJson, 'id' | 'scope' | 'trained_at' | 'targets'>

function ruleJson(rule: RuleView, standings: readonly Standing[]): RuleNow {
  const { name, file, priority, when, action, parameters, severity, mode } = rule
  return { name, file, priority, when, action, parameters, severity, mode, standings: standings.map(standingJson) }
}

function standingJson({ group, mode, right, wrong, since }: Standing): RuleJson['standings'][number] {
  return { group, mode, right, wrong, since: new Date(since).toISOString() }
}

function modelJson({ model, targets }: { model: ModelInfo; targets: number }): ModelNow {
  return { id: model.id, scope: model.scope, trained_at: new Date(model.trainedAt).toISOString(), targets }
}
