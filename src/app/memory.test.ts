import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDetection } from '../detect/detection.ts'
import { createPlainKernel } from '../detect/kernel/plain.ts'
import type { FeatureMatrix } from '../domain/feature-matrix.ts'
import { createRandom } from '../domain/random.ts'
import { targetOf } from '../domain/target.ts'
import type { TrainingSet } from '../domain/training-set.ts'
import { createLogger } from '../platform/logger.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { fitModel } from '../train/fit.ts'
import { createMemoryKeeper, type MemoryHeader } from './memory.ts'

const MINUTE = 60_000
const START = Date.UTC(2026, 10, 21)
const NAMES = ['a', 'b', 'c']
const WEB = targetOf({ instance: 'web-1', job: 'node' }, ['instance', 'job'])
const kernel = createPlainKernel()
const silent = createLogger('error', { write: () => {} })

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'homeostat-memory-'))
})
afterEach(() => rm(dir, { recursive: true }))

function reading(minute: number): number[] {
  const random = createRandom(minute)
  return [Math.sin(minute / 50) + 0.2 * random(), random(), 5 + random()]
}

function matrix(minute: number): FeatureMatrix {
  const at = START + minute * MINUTE
  return {
    at,
    names: NAMES,
    targets: [WEB],
    values: Float64Array.from(reading(minute)),
    fresh: Uint8Array.of(1),
    sampledAt: Float64Array.of(at),
    cleaning: { forwardFilled: 0, missing: 0, droppedRows: 0 },
  }
}

const SET: TrainingSet = {
  names: NAMES,
  times: Float64Array.from({ length: 400 }, (_, minute) => START + minute * MINUTE),
  rows: Float32Array.from(Array.from({ length: 400 }, (_, minute) => reading(minute)).flat()),
}

const FITTED = fitModel(
  new Map([[WEB.id, SET]]),
  {
    plan: { hidden: [4], context: true, scaling: 'deviations' },
    training: { length: { steps: 50 }, batchSize: 32, learningRate: 0.002 },
    validation: 0.2,
    intervalMs: MINUTE,
    resolution: new Float64Array(3),
    threshold: { mode: 'budget' },
    seed: 1,
  },
  kernel,
).targets.get(WEB.id)!

function detection() {
  const made = createDetection(
    {
      width: 3,
      intervalMs: MINUTE,
      resolution: new Float64Array(3),
      zscore: { window: 30, minReadings: 5, sigmas: 2.5 },
      forest: {
        trees: 10,
        sampleSize: 32,
        contamination: 0.08,
        minReadings: 20,
        refitIntervalMs: 60 * MINUTE,
        seed: 1,
      },
      hysteresis: { enter: 1, exit: 0.8, holdMs: 0 },
      threshold: { mode: 'budget', budget: { alarmsPerDay: 1 } },
      staleAfterMs: 5 * MINUTE,
    },
    kernel,
  )
  made.fleet.place(matrix(0))
  made.models.adopt(0, FITTED.model)
  made.alarms.adopt(0, FITTED.seed)
  return made
}

function keeper(model = 'web-1@node/1') {
  const store = createMemoryStore<MemoryHeader>(join(dir, 'scoring.memory'))
  return createMemoryKeeper({
    store,
    modelOf: () => ({ id: model }),
    clock: { now: () => START, sleep: async () => {} },
    logger: silent,
  })
}

describe('what scoring remembers', () => {
  it('goes on after a restart as if there had been none', async () => {
    const through = detection()
    for (let minute = 400; minute < 900; minute++) through.fleet.detect(matrix(minute))

    const before = detection()
    let verdicts = before.fleet.detect(matrix(400))
    for (let minute = 401; minute < 700; minute++) verdicts = before.fleet.detect(matrix(minute))
    await keeper().save(verdicts, before)
    const after = detection()
    const restored = keeper()
    await restored.load()
    const kept = restored.recall(WEB.id, 'web-1@node/1')!
    after.models.recall(0, kept.scorer)
    after.alarms.recall(0, kept.alarms)
    for (let minute = 700; minute < 900; minute++) after.fleet.detect(matrix(minute))

    const [expected] = through.fleet.detect(matrix(900))
    const [actual] = after.fleet.detect(matrix(900))
    expect(actual!.combined).toBeCloseTo(expected!.combined, 6)
    expect(actual!.level).toBeCloseTo(expected!.level, 6)
  })

  it('is of no use to another model', async () => {
    const made = detection()
    await keeper('web-1@node/1').save(made.fleet.detect(matrix(400)), made)

    const restored = keeper()
    await restored.load()

    expect(restored.recall(WEB.id, 'web-1@node/2')).toBeUndefined()
  })

  it('is given up, not fatal, when the file is damaged', async () => {
    await writeFile(join(dir, 'scoring.memory'), 'nonsense')

    const restored = keeper()
    await restored.load()

    expect(restored.recall(WEB.id, 'web-1@node/1')).toBeUndefined()
  })
})
