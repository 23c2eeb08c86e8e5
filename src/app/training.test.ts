import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDetection, type Detection } from '../detect/detection.ts'
import { createPlainKernel } from '../detect/kernel/plain.ts'
import type { ModelFile } from '../domain/model-file.ts'
import { seedFor } from '../domain/random.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import type { Target } from '../domain/target.ts'
import type { Verdict } from '../domain/verdict.ts'
import { createFeaturizer } from '../featurize/featurizer.ts'
import { createMetrics } from '../platform/metrics.ts'
import type { ContestRecord } from '../store/models/contest-log.ts'
import { createModelStore, type ModelStore } from '../store/models/model-store.ts'
import { contest } from '../train/contest.ts'
import { extendModel, fitModel } from '../train/fit.ts'
import type { HistoryRange, HistoryReader } from '../train/gather.ts'
import { fromModelFile, toModelFile, withTargets } from '../train/model-codec.ts'
import { host, hostHistory, matrixAt, NAMES, QUICK_FIT, rowOf, START, WIDTH } from '../train/testing/hosts.ts'
import type { FitWorker } from './fit-worker.ts'
import type { FitJob } from './train-worker.ts'
import { createTraining, type Training, type TrainingDependencies, type TrainingOptions } from './training.ts'
import { isGrouped } from './training-round.ts'

const MINUTE = 60_000
const DAY = 1440 * MINUTE
const NOW = START + 2 * DAY
const kernel = createPlainKernel()
const A = host('a')
const B = host('b')
const C = host('c', 'web')

const OPTIONS: TrainingOptions = {
  fit: { ...QUICK_FIT, training: { ...QUICK_FIT.training, length: { steps: 20 } } },
  history: { intervalMs: MINUTE, historyMs: DAY, maxRows: 200, consecutive: true },
  minHistoryMs: 30 * MINUTE,
  retrainMs: DAY,
  margin: 0.02,
  cpuShare: 1,
  scope: 'host',
}

/** Fits in this thread. */
const inProcess: FitWorker = {
  async fit({ sets, teachers, options, origin }) {
    return toModelFile(fitModel(sets, options, kernel, undefined, teachers), options, origin)
  },
  async extend({ sets, options, group }) {
    const [any] = fromModelFile(group, kernel).values()
    return withTargets(group, extendModel(sets, any.model.weights, any.seed.anomalyThreshold, options, kernel))
  },
  async contest({ sets, teachers, options, champion, heldFrom }) {
    const judged = new Map(teachers.map((id) => [id, sets.get(id)!]))
    return contest(judged, fromModelFile(champion, kernel), heldFrom, options, kernel)
  },
  async close() {},
}

/** A past of every target, one reading a minute; a target that began later has less of it. */
class FakeHistory implements HistoryReader {
  readonly asked: HistoryRange[] = []
  targets: readonly (Target & { readonly since?: number })[]
  failure: Error | undefined

  constructor(targets: FakeHistory['targets']) {
    this.targets = targets
  }

  read(range: HistoryRange): AsyncIterable<Snapshot> {
    this.asked.push(range)
    return this.snapshots(range)
  }

  private async *snapshots({ fromMs, toMs, stepMs }: HistoryRange): AsyncIterable<Snapshot> {
    if (this.failure !== undefined) throw this.failure
    const { targets } = this
    const rows = Math.floor((toMs - fromMs) / stepMs) + 1
    const pasts = targets.map(({ id }) => hostHistory(seedFor(0, id), { rows, from: fromMs, stepMs }))
    for (let i = 0; i < rows; i++) {
      const at = fromMs + i * stepMs
      const values = new Float64Array(targets.length * WIDTH)
      for (const [slot, past] of pasts.entries()) values.set(rowOf(past, i), slot * WIDTH)
      const sampledAt = Float64Array.from(targets, ({ since = 0 }) => (at < since ? Number.NaN : at))
      yield { at, features: NAMES, targets, values, sampledAt, warnings: [] }
    }
  }
}

interface Lab {
  readonly training: Training
  readonly history: FakeHistory
  readonly store: ModelStore
  readonly jobs: FitJob[]
  readonly outcomes: string[]
  readonly warnings: string[]
  readonly contests: ContestRecord[]
  now: number
  /** Polls at `now` and waits until the round is over. @returns the outcome of each model */
  round(targets: readonly Target[]): Promise<string[]>
  /** Whether a poll at `now` begins a round. */
  isDue(targets: readonly Target[]): boolean
}

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'training-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function verdictsOf(targets: readonly Target[], state: Verdict['state'] = 'warming_up'): Verdict[] {
  return targets.map((target) => ({ target, state }) as Verdict)
}

function newLab(
  targets: FakeHistory['targets'],
  options: Partial<TrainingOptions> = {},
  given: Partial<TrainingDependencies> = {},
): Lab {
  const outcomes: string[] = []
  const warnings: string[] = []
  const contests: ContestRecord[] = []
  const jobs: FitJob[] = []
  const history = new FakeHistory(targets)
  const store = createModelStore(join(dir, 'models'))
  const lab = { history, store, jobs, outcomes, warnings, contests, now: NOW }
  const worker = given.openWorker?.() ?? inProcess
  const log = { debug() {}, info() {}, warn: (_: object, message: string) => warnings.push(message), error() {} }
  const training = createTraining(
    { ...OPTIONS, ...options },
    {
      history,
      store,
      contests: { append: async (record) => void contests.push(record) },
      kernel,
      newFeaturizer: () =>
        createFeaturizer({ base: NAMES, engineered: [], intervalMs: MINUTE, forwardFillMs: 2 * MINUTE }),
      clock: { now: () => lab.now, sleep: () => Promise.resolve() },
      logger: { ...log, child: () => log } as never,
      metrics: {
        ...createMetrics({ now: () => lab.now, version: '0', node: '24' }),
        trained: (outcome) => void outcomes.push(outcome),
      },
      ...given,
      openWorker: () => ({
        ...worker,
        fit(job) {
          jobs.push(job)
          return worker.fit(job)
        },
      }),
    },
  )
  const isDue = (due: readonly Target[]) => {
    const before = history.asked.length
    training.poll(lab.now, verdictsOf(due))
    return history.asked.length > before
  }
  return Object.assign(lab, {
    training,
    isDue,
    async round(due: readonly Target[]) {
      const from = outcomes.length
      expect(isDue(due)).toBe(true)
      // A poll while a round is under way does nothing, so one that would be due tells when it is over.
      await over(training, lab, history)
      return outcomes.slice(from)
    },
  })
}

let probes = 0

/** Waits until no round is under way: then an unknown target is due again. */
async function over(
  training: Training,
  lab: { readonly now: number; readonly outcomes: string[] },
  history: FakeHistory,
) {
  const probe = host(`probe-${probes++}`, 'probe')
  const asked = history.asked.length
  const known = lab.outcomes.length
  await vi.waitFor(
    () => {
      training.poll(lab.now, verdictsOf([probe]))
      expect(history.asked.length).toBeGreaterThan(asked)
    },
    { interval: 1, timeout: 5_000 },
  )
  // The probe has no history: its round ends in one `skipped`, which is nobody's outcome.
  await vi.waitFor(() => expect(lab.outcomes.slice(known).at(-1)).toBe('skipped'), { interval: 1, timeout: 15_000 })
  lab.outcomes.pop()
  history.asked.pop()
  await setImmediate()
}

function newDetection(): Detection {
  return createDetection(
    {
      width: WIDTH,
      intervalMs: MINUTE,
      resolution: Float64Array.from(QUICK_FIT.resolution),
      zscore: { window: 30, minReadings: 5, sigmas: 2.5 },
      forest: { trees: 10, sampleSize: 64, contamination: 0.08, minReadings: 20, refitIntervalMs: DAY, seed: 1 },
      hysteresis: { enter: 1, exit: 0.8, holdMs: 0 },
      threshold: { mode: 'budget', budget: { alarmsPerDay: 1 } },
      staleAfterMs: 5 * MINUTE,
    },
    kernel,
  )
}

const recallNothing = () => undefined

describe('training', () => {
  it('trains every target that has no model, and keeps the models on disk', async () => {
    const lab = newLab([A, B])

    expect(await lab.round([A, B])).toEqual(['accepted', 'accepted'])

    expect(lab.training.modelOf(A.id)).toMatchObject({ id: `${A.id}/1`, scope: 'host', trainedAt: NOW })
    expect((await lab.store.newest()).map(({ unit }) => unit)).toEqual([A.id, B.id])
    expect(lab.training.modelOf('unknown')).toBeUndefined()
  })

  it('does not train a target again before its model is old', async () => {
    const lab = newLab([A])
    await lab.round([A])

    lab.now += MINUTE
    expect(lab.isDue([A])).toBe(false)
    // A model of 200 minutes is worth another try after about as long.
    lab.now = NOW + 2 * 200 * MINUTE
    expect(lab.isDue([A])).toBe(true)
  })

  it('trains no stale target', () => {
    const lab = newLab([A])
    lab.training.poll(NOW, [undefined, ...verdictsOf([A], 'stale')])

    expect(lab.history.asked).toEqual([])
  })

  it('waits for history enough: asks again when there will be some', async () => {
    const lab = newLab([{ ...A, since: NOW - 10 * MINUTE }])

    expect(await lab.round([A])).toEqual(['skipped'])

    lab.now = NOW + 19 * MINUTE
    expect(lab.isDue([A])).toBe(false)
    lab.now = NOW + 20 * MINUTE
    expect(await lab.round([A])).toEqual(['accepted'])
  })

  it('asks again in a minute for a target that history does not know yet', async () => {
    const lab = newLab([])
    expect(await lab.round([A])).toEqual(['skipped'])

    lab.now += MINUTE - 1
    expect(lab.isDue([A])).toBe(false)
    lab.now += 1
    expect(lab.isDue([A])).toBe(true)
  })

  it('tries again in a minute when history cannot be read', async () => {
    const lab = newLab([A])
    lab.history.failure = new Error('connection refused')
    lab.isDue([A])
    await vi.waitFor(() => expect(lab.outcomes).toEqual(['failed']), { interval: 1, timeout: 15_000 })
    await setImmediate()
    lab.history.failure = undefined

    expect(lab.warnings).toEqual(['a round of training failed and will be tried again'])
    lab.now += MINUTE - 1
    expect(lab.isDue([A])).toBe(false)
    lab.now += 1
    expect(await lab.round([A])).toEqual(['accepted'])
  })

  it('lets a model that cannot be fitted cost that target only, and tries it again in a minute', async () => {
    let broken = true
    const openWorker = (): FitWorker => ({
      ...inProcess,
      fit: (job) => (broken && job.origin.unit === A.id ? Promise.reject(new Error('no')) : inProcess.fit(job)),
    })
    const lab = newLab([A, B], {}, { openWorker })

    expect(await lab.round([A, B])).toEqual(['failed', 'accepted'])

    expect(lab.training.modelOf(A.id)).toBeUndefined()
    expect(lab.isDue([A, B])).toBe(false)
    broken = false
    lab.now += MINUTE
    expect(await lab.round([A, B])).toEqual(['accepted'])
    expect(lab.training.modelOf(A.id)).toBeDefined()
  })

  it('uses a model that cannot be written', async () => {
    const store = createModelStore(join(dir, 'models'))
    const lab = newLab([A], {}, { store: { ...store, save: () => Promise.reject(new Error('read-only')) } })

    expect(await lab.round([A])).toEqual(['accepted'])

    expect(lab.training.modelOf(A.id)).toMatchObject({ id: `${A.id}/0` })
    expect(lab.warnings).toEqual(['a model could not be written to the data directory'])
  })

  it('spreads retraining over time, so that a fleet that started together does not retrain together', async () => {
    const fleet = Array.from({ length: 40 }, (_, i) => host(`web-${i}:9100`))
    const lab = newLab(fleet, { minHistoryMs: 200 * MINUTE, history: { ...OPTIONS.history, maxRows: 201 } })
    await lab.round(fleet)
    const retrainedAfter = async (minutes: number) => {
      lab.now = NOW + minutes * MINUTE
      // The new host, without any history, is what makes it a round in any case.
      const outcomes = await lab.round([...fleet, host(`new-${minutes}`)])
      return outcomes.filter((outcome) => outcome !== 'skipped').length
    }

    // Due between 0.75 and 1.25 of the 200 minutes that the models have seen.
    expect(await retrainedAfter(149)).toBe(0)
    const inTime = await retrainedAfter(200)
    expect(inTime).toBeGreaterThan(10)
    expect(inTime).toBeLessThan(30)
    expect(await retrainedAfter(250)).toBe(40 - inTime)
  })
})

describe('retraining', () => {
  it('rests after each model, so that it takes no more than its share of a core; first models do not wait', async () => {
    const rests: number[] = []
    const clock = { now: () => lab.now, sleep: async (ms: number) => void rests.push(ms) }
    const slow: FitWorker = {
      ...inProcess,
      async contest() {
        lab.now += 2_000
        return { championLoss: 1, challengerLoss: 1, rows: 100 }
      },
    }
    const lab: Lab = newLab([A], { cpuShare: 0.25 }, { clock, openWorker: () => slow })
    await lab.round([A])
    expect(rests).toEqual([])

    lab.now += 3 * DAY
    await lab.round([A])

    expect(rests).toEqual([2_000 * (1 / 0.25 - 1)])
  })
})

describe('models on disk', () => {
  it('are taken up again, and score from the first reading on', async () => {
    const before = newLab([A])
    await before.round([A])
    const lab = newLab([A])

    await lab.training.restore()

    expect(lab.warnings).toEqual([])
    expect(lab.training.modelOf(A.id)).toEqual(before.training.modelOf(A.id))
    expect(lab.isDue([A])).toBe(false)
    const detection = newDetection()
    const matrix = matrixAt(NOW + MINUTE, [A], [rowOf(hostHistory(1, { rows: 1 }), 0)])
    lab.training.adopt(matrix, detection, recallNothing)
    expect(detection.fleet.detect(matrix)[0]!.score).toBeGreaterThan(0)
  })

  it('are refused when damaged, and trained anew', async () => {
    await newLab([A, B]).round([A, B])
    const folder = join(dir, 'models', readdirSync(join(dir, 'models'))[0])
    writeFileSync(join(folder, '000001.model'), 'homeostat-model 1\nnonsense')
    const lab = newLab([A, B])

    await lab.training.restore()

    expect(lab.warnings).toEqual(['a model is refused and will be trained anew'])
    expect(lab.training.modelOf(A.id)).toBeUndefined()
    expect(lab.training.modelOf(B.id)).toBeDefined()
    expect(lab.isDue([A])).toBe(true)
  })

  it('are refused when a part is missing, which costs no other model', async () => {
    await newLab([A, B]).round([A, B])
    const store = createModelStore(join(dir, 'models'))
    const stored = (await store.load(A.id)) as { file: ModelFile }
    const { autoencoder: _, ...tensors } = stored.file.tensors
    await store.save({ ...stored.file, tensors })
    const lab = newLab([A, B])

    await lab.training.restore()

    expect(lab.warnings).toEqual(['a model is refused and will be trained anew'])
    expect(lab.training.modelOf(A.id)).toBeUndefined()
    expect(lab.training.modelOf(B.id)).toBeDefined()
  })

  it('are refused when they were trained for other features, layers or thresholds', async () => {
    await newLab([A]).round([A])
    const fit = { ...OPTIONS.fit, threshold: { mode: 'sigma', sigmas: 3 } } as const
    const lab = newLab([A], { fit })

    await lab.training.restore()

    expect(lab.warnings).toEqual(['a model was trained for another configuration and will be trained anew'])
    expect(lab.training.modelOf(A.id)).toBeUndefined()
  })

  it('may lie beside files of other kinds', async () => {
    await newLab([A]).round([A])
    writeFileSync(join(dir, 'models', 'README'), 'these are models')
    const lab = newLab([A])

    await lab.training.restore()

    expect(lab.training.modelOf(A.id)).toBeDefined()
  })
})

describe('adoption', () => {
  it('gives every target its model once, and the next one when there is one', async () => {
    const lab = newLab([A, B])
    await lab.round([A])
    const detection = newDetection()
    const adopt = () => lab.training.adopt(matrixAt(lab.now, [A, B], [undefined, undefined]), detection, recallNothing)

    adopt()

    expect([detection.models.has(0), detection.models.has(1)]).toEqual([true, false])
    const first = detection.models.model(0)
    adopt()
    expect(detection.models.model(0)).toBe(first)
    await lab.round([B])
    adopt()
    expect(detection.models.has(1)).toBe(true)
    expect(detection.models.model(0)).toBe(first)
  })

  it('reads the model of a target that was gone and is back again', async () => {
    const lab = newLab([A])
    await lab.round([A])
    const detection = newDetection()
    const adopt = (target: Target | undefined) =>
      lab.training.adopt(matrixAt(lab.now, [target], [undefined]), detection, recallNothing)
    adopt(A)
    adopt(undefined)
    expect(detection.models.has(0)).toBe(false)

    await vi.waitFor(
      () => {
        adopt(A)
        expect(detection.models.has(0)).toBe(true)
      },
      { interval: 1, timeout: 15_000 },
    )

    expect(lab.training.modelOf(A.id)).toMatchObject({ id: `${A.id}/1` })
  })

  it('trains a target anew that is back when its model is no longer on disk, or no longer readable', async () => {
    const lab = newLab([A, B])
    await lab.round([A, B])
    const detection = newDetection()
    const adopt = (...targets: (Target | undefined)[]) =>
      lab.training.adopt(
        matrixAt(
          lab.now,
          targets,
          targets.map(() => undefined),
        ),
        detection,
        recallNothing,
      )
    adopt(A, B)
    adopt(undefined, undefined)
    rmSync(join(dir, 'models', encodeURIComponent(A.id)), { recursive: true })
    const { file } = (await lab.store.load(B.id)) as { file: ModelFile }
    await lab.store.save({ ...file, tensors: {} })

    adopt(A, B)
    await vi.waitFor(() => expect(lab.training.modelOf(B.id)).toBeUndefined(), { interval: 1, timeout: 15_000 })

    expect(lab.training.modelOf(A.id)).toBeUndefined()
    expect(await lab.round([A, B])).toEqual(['accepted', 'accepted'])
  })
})

describe('a group', () => {
  it('is how more than 1,000 targets are trained, unless the scope is set', () => {
    expect([1_000, 1_001].map((targets) => isGrouped('auto', targets))).toEqual([false, true])
    expect(isGrouped('host', 5_000)).toBe(false)
    expect(isGrouped('group', 2)).toBe(true)
  })

  it('shares one model a job among 1,001 targets, learnt from 50 of them', async () => {
    const fleet = Array.from({ length: 1_001 }, (_, i) => host(`h${i}`))
    const openWorker = (): FitWorker => ({ ...inProcess, fit: () => Promise.reject(new Error('not now')) })
    const short = { ...OPTIONS.history, maxRows: 31 }
    const lab = newLab(fleet, { scope: 'auto', history: short }, { openWorker })

    await lab.round(fleet)

    expect(lab.jobs).toHaveLength(1)
    expect(lab.jobs[0].origin).toMatchObject({ unit: 'group:node', scope: 'group' })
    expect(lab.jobs[0].sets.size).toBe(1_001)
    expect(new Set(lab.jobs[0].teachers).size).toBe(50)
  })

  it('has one model for each job', async () => {
    const lab = newLab([A, B, C], { scope: 'group' })

    expect(await lab.round([A, B, C])).toEqual(['accepted', 'accepted'])

    expect([A, B, C].map(({ id }) => lab.training.modelOf(id)!.id)).toEqual([
      'group:node/1',
      'group:node/1',
      'group:web/1',
    ])
  })

  it('takes in a target that comes later, without costing the others their model', async () => {
    const lab = newLab([A, B], { scope: 'group' })
    await lab.round([A])

    expect(await lab.round([A, B])).toEqual(['accepted'])

    const [stored] = await lab.store.newest()
    expect((stored as { file: ModelFile }).file.card.targets).toEqual([A.id, B.id])
    const restarted = newLab([A, B], { scope: 'group' })
    await restarted.training.restore()
    expect(restarted.training.modelOf(A.id)).toEqual(lab.training.modelOf(A.id))
    expect(restarted.training.modelOf(B.id)).toEqual(lab.training.modelOf(B.id))
  })

  it('takes back a target that was away when the others were trained anew', async () => {
    const lab = newLab([A, B], { scope: 'group', margin: -10 })
    await lab.round([A, B])
    lab.now += 2 * DAY
    expect(await lab.round([A])).toEqual(['accepted'])

    expect(await lab.round([A, B])).toEqual(['accepted'])

    const [stored] = await lab.store.newest()
    expect((stored as { file: ModelFile }).file.card.targets).toEqual([A.id, B.id])
    expect(lab.training.modelOf(B.id)!.trainedAt).toBe(lab.training.modelOf(A.id)!.trainedAt)
  })
})

describe('stopping', () => {
  it('ends a round that is fitting, and begins no other', async () => {
    let fail: (reason: Error) => void = () => {}
    const openWorker = (): FitWorker => ({
      ...inProcess,
      fit: () =>
        new Promise((_, reject) => {
          fail = reject
        }),
      close: async () => fail(new Error('the training was stopped')),
    })
    const lab = newLab([A, B], {}, { openWorker })
    lab.isDue([A, B])
    await vi.waitFor(() => expect(lab.jobs).toHaveLength(1), { interval: 1, timeout: 15_000 })

    await lab.training.close()

    expect(lab.jobs).toHaveLength(1)
    expect(lab.outcomes).toEqual([])
    expect(lab.warnings).toEqual([])
    expect(lab.isDue([A])).toBe(false)
  })

  it('ends a round that is reading, without fitting anything', async () => {
    const lab = newLab([A])
    lab.isDue([A])

    await lab.training.close()

    expect(lab.jobs).toEqual([])
    expect(lab.outcomes).toEqual([])
    expect(lab.warnings).toEqual([])
  })

  it('is at once where nothing is under way', async () => {
    await expect(newLab([A]).training.close()).resolves.toBeUndefined()
  })
})
