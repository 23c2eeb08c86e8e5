import type { Detection } from '../detect/detection.ts'
import type { Kernel } from '../detect/kernel/kernel.ts'
import type { ModelWeights } from '../detect/model.ts'
import type { FeatureMatrix } from '../domain/feature-matrix.ts'
import type { ModelCard, ModelFile, ModelTuning } from '../domain/model-file.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { ModelStore, StoredModel } from '../store/models/model-store.ts'
import type { FittedTarget } from '../train/fit.ts'
import type { MemoryKeeper } from './memory.ts'
import { openModel } from './network-file.ts'

/** What is known of the model behind a target's score. */
export interface ModelInUse {
  /** `<unit>/<version>` */
  readonly id: string
  readonly scope: 'host' | 'group'
  /** ms since the epoch */
  readonly trainedAt: number
  /** Time that the training data spans, ms. */
  readonly spanMs: number
  /** Mean squared error over scaled features at the end of the training; undefined for an imported network. */
  readonly trainingLoss?: number
  readonly validationLoss?: number
}

/** What was kept of a target's scoring, if it is of this model. */
export type Recall = MemoryKeeper['recall']

export interface RegistryDependencies {
  readonly store: ModelStore
  readonly kernel: Kernel
  readonly logger: Logger
  readonly metrics: Metrics
}

/** The models that are in use, and the way from a file to the slot of a target. */
export interface ModelRegistry {
  /** Takes up a model for all its targets. @throws {RangeError} when a part of it is missing */
  register(file: ModelFile, version: number): void
  /** The same for a model on disk; what cannot be read is said, and its targets are trained anew. */
  restore(stored: Extract<StoredModel, { file: ModelFile }>): void
  modelOf(id: string): ModelInUse | undefined
  /** What a search for layer sizes found for a unit; later trainings keep to it. */
  tuningOf(unit: string): ModelTuning | undefined
  /** Gives every target of the matrix its newest model. Call before the detectors score it. */
  adopt(matrix: FeatureMatrix, detection: Detection, recall: Recall): void
  /** Waits for what is under way. */
  close(): Promise<void>
}

interface Registered {
  readonly fitted: FittedTarget
  /**
   * Whether a slot has taken over what came with the model: the scores behind its threshold, its recent past. They are
   * not kept twice; a target that was gone and returns has its model read again.
   */
  readonly spent: boolean
  readonly info: ModelInUse
}

export function createModelRegistry({ store, kernel, logger, metrics }: RegistryDependencies): ModelRegistry {
  const registered = new Map<string, Registered>()
  const tunings = new Map<string, ModelTuning>()
  const adopted: (FittedTarget | undefined)[] = []
  let retired: ModelWeights[] = []
  /** Targets that came back after they were gone; their models are to be read again. */
  const returned = new Set<string>()
  let reading: Promise<void> | undefined

  function register(file: ModelFile, version: number): void {
    const { card } = file
    if (card.tuning !== undefined) tunings.set(card.unit, card.tuning)
    const info = {
      id: `${card.unit}/${version}`,
      scope: card.scope,
      trainedAt: Date.parse(card.created_at),
      spanMs: spanOfData(card),
      trainingLoss: card.autoencoder.losses.training.at(-1),
      validationLoss: card.autoencoder.losses.validation.at(-1),
    }
    for (const [id, fitted] of openModel(file, kernel)) {
      // Of an extended group only those who are new: the others go on with what they remember.
      const known = registered.get(id)
      const isBack = returned.delete(id)
      if (known?.info.trainedAt === info.trainedAt && !isBack) {
        registered.set(id, { ...known, info })
        continue
      }
      const before = known?.fitted.model.weights
      if (before !== undefined && !retired.includes(before)) retired.push(before)
      registered.set(id, { fitted, info, spent: false })
    }
    metrics.modelTrainedAt(Math.min(...[...registered.values()].map((one) => one.info.trainedAt)))
  }

  function restore({ file, version, path }: Extract<StoredModel, { file: ModelFile }>): void {
    try {
      register(file, version)
    } catch (error) {
      // Whole, yet not what this release reads.
      const problem = error instanceof Error ? error.message : String(error)
      logger.warn({ model: path, problem }, 'a model is refused and will be trained anew')
    }
  }

  async function readAgain(): Promise<void> {
    const ids = [...returned]
    for (const unit of new Set(ids.map((id) => unitOf(registered.get(id)!.info)))) {
      const stored = await store.load(unit).catch(() => undefined)
      if (stored !== undefined && 'file' in stored) restore(stored)
    }
    // What could not be read is trained anew.
    for (const id of ids) {
      if (!returned.delete(id)) continue
      retired.push(registered.get(id)!.fitted.model.weights)
      registered.delete(id)
    }
  }

  /** Gives back the kernel's memory of models that no target uses any more. */
  function disposeRetired(slots: number, detection: Detection): void {
    const inUse = new Set<ModelWeights>([...registered.values()].map(({ fitted }) => fitted.model.weights))
    for (let slot = 0; slot < slots; slot++) {
      const weights = detection.models.model(slot)?.weights
      if (weights !== undefined) inUse.add(weights)
    }
    for (const weights of retired.filter((one) => !inUse.has(one))) {
      weights.autoencoder.dispose()
      weights.forecast.dispose()
    }
    retired = retired.filter((one) => inUse.has(one))
  }

  return {
    register,
    restore,
    modelOf: (id) => registered.get(id)?.info,
    tuningOf: (unit) => tunings.get(unit),
    adopt(matrix, { fleet, models, alarms }, recall) {
      fleet.place(matrix)
      for (const [slot, target] of matrix.targets.entries()) {
        const entry = target && registered.get(target.id)
        if (entry === undefined || (models.has(slot) && adopted[slot] === entry.fitted)) continue
        if (entry.spent) {
          returned.add(target!.id)
          continue
        }
        models.adopt(slot, entry.fitted.model)
        alarms.adopt(slot, entry.fitted.seed)
        const kept = recall(target!.id, entry.info.id)
        if (kept !== undefined) {
          models.recall(slot, kept.scorer)
          alarms.recall(slot, kept.alarms)
        }
        adopted[slot] = withoutMemory(entry.fitted)
        registered.set(target!.id, { ...entry, fitted: adopted[slot], spent: true })
      }
      if (returned.size > 0)
        reading ??= readAgain().finally(() => {
          reading = undefined
        })
      if (retired.length > 0) disposeRetired(matrix.targets.length, { fleet, models, alarms })
    },
    async close() {
      await reading
    },
  }
}

/** The unit of a model: a target's id, or `group:<job>`. */
export function unitOf({ id }: ModelInUse): string {
  return id.replace(/\/\d+$/, '')
}

/** Time that the training data spans, ms. */
export function spanOfData({ data }: ModelCard): number {
  return Date.parse(data.to) - Date.parse(data.from)
}

function withoutMemory({ model, seed }: FittedTarget): FittedTarget {
  const none = new Float64Array(0)
  return {
    model: { weights: model.weights, scaler: model.scaler },
    seed: { times: none, combined: none, anomaly: none, anomalyThreshold: seed.anomalyThreshold },
  }
}
