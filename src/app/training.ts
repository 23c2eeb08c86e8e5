import type { Detection } from '../detect/detection.ts'
import type { FeatureMatrix } from '../domain/feature-matrix.ts'
import type { ModelFile } from '../domain/model-file.ts'
import { seedFor } from '../domain/random.ts'
import type { Target } from '../domain/target.ts'
import type { Verdict } from '../domain/verdict.ts'
import type { Clock } from '../platform/clock.ts'
import type { ContestLog } from '../store/models/contest-log.ts'
import type { FitOptions } from '../train/fit-options.ts'
import { fingerprintOf } from '../train/model-codec.ts'
import { challenge, contestRecord, type Ruling, unused, withContest } from './challenge.ts'
import { type FitWorker, openFitWorker } from './fit-worker.ts'
import {
  createModelRegistry,
  type ModelInUse,
  type Recall,
  type RegistryDependencies,
  unitOf,
} from './model-registry.ts'
import type { FitJob } from './train-worker.ts'
import {
  isGrouped,
  jobFor,
  type Round,
  type RoundOptions,
  type RoundRequest,
  type RoundSources,
  readRound,
  TARGETS_A_ROUND,
  type TrainingUnit,
  unitsOf,
} from './training-round.ts'
import { withTunedSizes, withTuning } from './tuned-model.ts'

export interface TrainingOptions extends RoundOptions {
  readonly fit: FitOptions
  /** Age at which a model is trained anew. */
  readonly retrainMs: number
  /** Share by which a new model must be better than the one in use. */
  readonly margin: number
  /** Share of one core that retraining may take, 0–1. */
  readonly cpuShare: number
  readonly scope: 'auto' | 'host' | 'group'
}

export interface TrainingDependencies extends RoundSources, RegistryDependencies {
  readonly contests: Pick<ContestLog, 'append'>
  readonly clock: Clock
  /** Where models are fitted; a thread of its own unless given. */
  readonly openWorker?: () => FitWorker
}

/** Trains models when they are due, beside the ticks, and hands them to the detectors between two ticks. */
export interface Training {
  /** Takes up the models on disk; what cannot be used is said and trained anew. */
  restore(): Promise<void>
  /** Gives every target of the matrix its newest model. Call before the detectors score it. */
  adopt(matrix: FeatureMatrix, detection: Detection, recall: Recall): void
  /** Begins a round of training if any target is due and none is under way; returns at once. */
  poll(at: number, verdicts: readonly (Verdict | undefined)[]): void
  modelOf(id: string): ModelInUse | undefined
  /** Stops what is under way. */
  close(): Promise<void>
}

const RETRY_MS = 60_000

export function createTraining(options: TrainingOptions, dependencies: TrainingDependencies): Training {
  const { store, clock, logger, metrics, openWorker = openFitWorker } = dependencies
  const registry = createModelRegistry(dependencies)
  const retryAt = new Map<string, number>()
  const stop = new AbortController()
  let round: Promise<void> | undefined
  let worker: FitWorker | undefined

  function isDue(id: string, at: number): boolean {
    const model = registry.modelOf(id)
    if (model === undefined) return at >= (retryAt.get(id) ?? 0)
    // Spread over half the interval by name, so that a fleet that started together is not retrained together.
    const spread = 0.75 + (0.5 * seedFor(0, unitOf(model))) / 2 ** 32
    // A model of half an hour is worth another try when there is an hour.
    const wait = Math.min(options.retrainMs, Math.max(model.spanMs, options.minHistoryMs))
    return at - model.trainedAt >= spread * wait && at >= (retryAt.get(id) ?? 0)
  }

  async function runRound(at: number, due: readonly Target[], fleetSize: number, grouped: boolean): Promise<void> {
    const chosen = grouped ? due : due.slice(0, TARGETS_A_ROUND)
    const wanted = new Set(chosen.map(({ id }) => id))
    const started = clock.now()
    const share = grouped ? fleetSize : wanted.size
    const past = await readRound(options, dependencies, { at, wanted, share, only: narrowing(chosen) }, stop.signal)
    stop.signal.throwIfAborted()
    postpone(past, at)
    sayIgnored(past)
    if (past.ready.length === 0) return metrics.trained('skipped')
    worker ??= openWorker()
    const units = unitsOf(past, grouped)
    for (const unit of units) {
      const again = unit.ids.some((id) => registry.modelOf(id) !== undefined)
      const began = clock.now()
      await train(unit, past)
      if (again) await rest(clock.now() - began)
    }
    const seconds = (clock.now() - started) / 1000
    metrics.stageTook('train', seconds)
    logger.info({ models: units.length, targets: past.ready.length, seconds }, 'trained')
  }

  /** Lets the processor rest after a retraining, so that over time it takes no more than its share. */
  async function rest(tookMs: number): Promise<void> {
    const pauseMs = tookMs * (1 / options.cpuShare - 1)
    if (pauseMs > 0) await clock.sleep(pauseMs, stop.signal)
  }

  async function train(trained: TrainingUnit, past: Round): Promise<void> {
    const { unit, ids } = trained
    const tuning = registry.tuningOf(unit)
    const job = jobFor(trained, past, withTunedSizes(options.fit, tuning), clock.now())
    try {
      const group = await groupToJoin(trained)
      if (group !== undefined) return await extend(trained, job, group)
      const ruling = await challenged(trained, job)
      if (ruling?.takesOver === false) {
        if (ruling.figures !== undefined) await note(unit, ruling)
        return metrics.trained('rejected')
      }
      const file = withContest(withTuning(await worker!.fit(job), tuning, options.fit), ruling?.figures)
      const version = await save(file)
      registry.register(file, version)
      if (ruling !== undefined) await note(unit, ruling)
      metrics.trained('accepted')
      logger.debug({ unit, version, rows: file.card.data.rows, epochs: file.card.autoencoder.epochs }, 'model trained')
    } catch (error) {
      if (stop.signal.aborted) throw error
      metrics.trained('failed')
      metrics.stageFailed('train', 'internal')
      for (const id of ids) retryAt.set(id, clock.now() + RETRY_MS)
      logger.warn({ unit, err: error }, 'a model could not be trained')
    }
  }

  /** The model that targets new to a group can share, unless it is time to train that anew. */
  async function groupToJoin({ unit, scope, ids }: TrainingUnit): Promise<ModelFile | undefined> {
    if (scope === 'host') return undefined
    const stored = await store.load(unit)
    if (stored === undefined || 'problem' in stored || !isUsable(stored.file)) return undefined
    // Who was away when the group was last trained still has the model before, and joins as if it were new.
    const members = stored.file.card.targets.filter((id) => registry.modelOf(id) !== undefined)
    return ids.some((id) => members.includes(id)) ? undefined : stored.file
  }

  async function extend({ unit, ids }: TrainingUnit, job: FitJob, group: ModelFile): Promise<void> {
    const file = await worker!.extend({ ...job, group })
    registry.register(file, await save(file))
    metrics.trained('accepted')
    logger.info({ unit, targets: ids.length }, 'targets joined the model of their group')
  }

  function isUsable({ card }: ModelFile): boolean {
    return card.fingerprint === fingerprintOf(card.features, options.fit)
  }

  /** A first model meets no other. */
  async function challenged({ unit, ids }: TrainingUnit, job: FitJob): Promise<Ruling | undefined> {
    const stored = await store.load(unit)
    if (stored === undefined) return undefined
    if (ids.every((id) => registry.modelOf(id) === undefined)) return unused(stored, unit, options.fit)
    const ruling = await challenge(stored, job, options, (contest) => worker!.contest(contest))
    if (!ruling.takesOver || ruling.figures !== undefined) {
      for (const id of ids) retryAt.set(id, clock.now() + options.retrainMs)
    }
    return ruling
  }

  /** A line that cannot be written costs no model. */
  async function note(unit: string, ruling: Ruling): Promise<void> {
    const record = contestRecord(ruling, { at: clock.now(), unit, by: 'schedule' })
    await dependencies.contests.append(record).catch((error: unknown) => {
      logger.warn({ unit, err: error }, 'a contest between models could not be put on record')
    })
    const { at: _, by: __, ...facts } = record
    if (ruling.figures === undefined) logger.debug(facts, 'a new model took over without a contest')
    else logger.info(facts, 'a new model was tried against the one in use')
  }

  /** A model that cannot be written is used all the same; it is only lost with the next restart. */
  async function save(file: ModelFile): Promise<number> {
    try {
      return await store.save(file)
    } catch (error) {
      logger.warn({ unit: file.card.unit, err: error }, 'a model could not be written to the data directory')
      return 0
    }
  }

  /** Targets with too little history are asked again when they will have it. */
  function postpone({ short }: Round, at: number): void {
    const { minHistoryMs, history } = options
    for (const [id, spanMs] of short) {
      const missingMs = spanMs > 0 ? minHistoryMs - spanMs : Math.min(RETRY_MS, minHistoryMs)
      retryAt.set(id, at + Math.max(history.intervalMs, missingMs))
    }
  }

  function sayIgnored({ gathered }: Round): void {
    const targets = [...gathered.sets].filter(([, { maskIgnored }]) => maskIgnored).map(([id]) => id)
    if (targets.length === 0) return
    const why = 'incidents and changes take more than half of the history and are trained on: that is the new normal'
    logger.info({ targets: targets.slice(0, 10), count: targets.length }, why)
  }

  return {
    async restore() {
      const fingerprint = fingerprintOf(dependencies.newFeaturizer().names, options.fit)
      for (const stored of await store.newest()) {
        if ('problem' in stored) {
          logger.warn({ model: stored.path, problem: stored.problem }, 'a model is refused and will be trained anew')
        } else if (stored.file.card.fingerprint !== fingerprint) {
          logger.warn({ model: stored.path }, 'a model was trained for another configuration and will be trained anew')
        } else registry.restore(stored)
      }
    },
    poll(at, verdicts) {
      if (round !== undefined || stop.signal.aborted) return
      const fresh = verdicts.filter((verdict) => verdict !== undefined && verdict.state !== 'stale')
      const due = fresh.map((verdict) => verdict!.target).filter(({ id }) => isDue(id, at))
      if (due.length === 0) return
      const grouped = isGrouped(options.scope, fresh.length)
      round = runRound(at, due, fresh.length, grouped)
        .catch((error: unknown) => {
          if (stop.signal.aborted) return
          for (const { id } of due) retryAt.set(id, clock.now() + RETRY_MS)
          metrics.trained('failed')
          logger.warn({ err: error }, 'a round of training failed and will be tried again')
        })
        .finally(() => {
          round = undefined
        })
    },
    adopt: registry.adopt,
    modelOf: registry.modelOf,
    async close() {
      stop.abort(new Error('stopping'))
      await worker?.close()
      await round
      await registry.close()
    },
  }
}

/** Beyond so many targets a source is asked for all: the query would grow longer than the answer shrinks. */
const MOST_NAMED = 200

/** How to ask for these targets alone: by their first identity label. */
function narrowing(targets: readonly Target[]): RoundRequest['only'] {
  if (targets.length > MOST_NAMED) return undefined
  const [label] = Object.keys(targets[0].labels)
  return { label, values: [...new Set(targets.map(({ labels }) => labels[label]))] }
}
