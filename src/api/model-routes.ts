import type { Request, Response } from 'express'
import type { ModelListingJson, Page } from './contract.ts'
import type { Fleet, ModelInfo } from './fleet.ts'
import { modelDetailJson, modelListingJson, partsOf } from './model-json.ts'
import type { Models } from './models.ts'
import { pageOf } from './page.ts'
import { ApiError } from './problem.ts'
import { readQuery } from './query.ts'
import { type Route, read } from './routes.ts'
import { PageQuery } from './schemas/queries.ts'
import { scopeOf } from './scope.ts'
import { sendKnown } from './send-json.ts'

const CONTESTS_SHOWN = 100

interface InUse {
  readonly model: ModelInfo
  /** Targets that it scores, of those that are seen. */
  readonly targets: number
}

/** The models in use, and where each comes from. */
export function modelRoutes(fleet: Fleet, models: Models): Route[] {
  function inUse(res: Response): ReadonlyMap<string, InUse> {
    const sees = scopeOf(res)
    const found = new Map<string, InUse>()
    for (const { target } of fleet.verdicts()) {
      if (sees !== undefined && !sees(target.labels)) continue
      const model = fleet.modelOf(target.id)
      if (model !== undefined) found.set(model.id, { model, targets: (found.get(model.id)?.targets ?? 0) + 1 })
    }
    return found
  }

  async function sendOne(req: Request, res: Response): Promise<void> {
    const unit = String(req.params['unit'])
    const all = [...inUse(res).values()].filter(({ model }) => partsOf(model).unit === unit)
    // Of a group that was trained anew some may still have the version before.
    const [newest] = all.sort((a, b) => b.model.trainedAt - a.model.trainedAt)
    if (newest === undefined) throw notFound()
    const [versions, contests] = await Promise.all([models.versions(unit), models.contests(unit, CONTESTS_SHOWN)])
    const detail = modelDetailJson(newest.model, newest.targets, versions, contests)
    if (detail === undefined) throw notFound()
    return sendKnown(req, res, () => detail)
  }

  return [
    {
      pattern: '/api/v1/models',
      methods: {
        GET: read((req, res) => {
          const query = readQuery(req, PageQuery)
          const { items, next_cursor } = pageOf(inUse(res).values(), ({ model }) => model.id, query)
          const listed = items.map(({ model, targets }) => modelListingJson(model, targets))
          return sendKnown(req, res, () => ({ items: listed, next_cursor }) satisfies Page<ModelListingJson>)
        }),
      },
    },
    { pattern: '/api/v1/models/{unit}', methods: { GET: read(sendOne) } },
  ]
}

function notFound(): ApiError {
  return new ApiError('model_not_found', 'no model of this unit is in use: GET /api/v1/models lists them')
}
