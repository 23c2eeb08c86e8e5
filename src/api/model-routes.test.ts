import { describe, expect, it } from 'vitest'
import type { ModelDetailJson } from './contract.ts'
import type { Models } from './models.ts'
import { bearer, guarded, TOKENS } from './testing/credentials.ts'
import { fakeFleet, verdictOf } from './testing/fake-fleet.ts'
import { NOON } from './testing/fake-incidents.ts'
import { modelCard } from './testing/no-models.ts'
import { serveApi } from './testing/serve.ts'

const models: Models = {
  versions: async () => [
    { version: 3, card: { ...modelCard, restored_from: 1 } },
    { version: 2, problem: 'is cut off' },
  ],
  contests: async () => [
    {
      ...{ at: '2026-11-21T00:00:00.000Z', champion: 'web-1@node/2', champion_loss: 0.4, challenger_loss: 0.3 },
      ...{ rows: 500, taken_over: true, by: 'schedule', reason: null },
    },
  ],
}

function fleet() {
  const one = fakeFleet([verdictOf('web-1')])
  one.model = { id: 'web-1@node/3', scope: 'host', trainedAt: NOON, spanMs: 7 * 86_400_000 }
  return one
}

describe('GET /api/v1/models/{unit}', () => {
  it('tells of the model in use, its versions, and whom it had to beat', async () => {
    const { get } = await serveApi({ fleet: fleet(), models })

    const detail = (await (await get('/api/v1/models/web-1%40node')).json()) as ModelDetailJson

    expect(detail).toMatchObject({
      ...{ id: 'web-1@node/3', unit: 'web-1@node', version: 3, scope: 'host', targets: 1, history_seconds: 604_800 },
      ...{ features: ['cpu_busy', 'load'], layers: [2, 1, 2], losses: { training: [0.5, 0.25] } },
      threshold: { mode: 'budget', rule: null, value: null },
    })
    expect(detail.versions).toEqual([
      {
        ...{ version: 3, trained_at: modelCard.created_at, in_use: true, rows: 10_000, training_loss: 0.25 },
        ...{ validation_loss: 0.3, restored_from: 1, problem: null },
      },
      {
        ...{ version: 2, trained_at: null, in_use: false, rows: null, training_loss: null },
        ...{ validation_loss: null, restored_from: null, problem: 'is cut off' },
      },
    ])
    expect(detail.contests).toHaveLength(1)
  })

  it('knows nothing of one that is not in use, no longer there, or not seen', async () => {
    const { get } = await serveApi({ fleet: fleet(), models, access: guarded() })
    const ask = async (unit: string) => (await get(`/api/v1/models/${unit}`, bearer(TOKENS.web))).status

    expect([await ask('web-1%40node'), await ask('db-1%40node')]).toEqual([200, 404])
    const gone = await serveApi({ fleet: fleet() })
    const answer = await gone.get('/api/v1/models/web-1%40node')
    expect(await answer.json()).toMatchObject({ status: 404, code: 'model_not_found' })
  })
})
