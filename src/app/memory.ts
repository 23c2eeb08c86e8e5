import type { AlarmMemory } from '../detect/alarm-rule.ts'
import type { Detection } from '../detect/detection.ts'
import { byMember, MEMBERS, type ScorerMemory } from '../detect/model.ts'
import { joined, part, type Tensor, tensorOf } from '../domain/tensors.ts'
import type { Verdicts } from '../pipeline/tick.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { MemoryStore } from '../store/memory-store.ts'
import type { TensorFile } from '../store/tensor-file.ts'

/** Whose memories a file holds, and of which model each is. */
export interface MemoryHeader {
  readonly saved_at: string
  readonly targets: readonly { readonly id: string; readonly model: string }[]
}

/** What scoring remembers of a target that has a model. */
export interface TargetMemory {
  readonly scorer: ScorerMemory
  readonly alarms: AlarmMemory
}

/** Keeps what scoring remembers over a restart: the recent past, and the scores behind the thresholds. */
export interface MemoryKeeper {
  load(): Promise<void>
  /** What was kept of a target, once, if it is of this model. */
  recall(id: string, model: string): TargetMemory | undefined
  /** Saves when an hour has passed since the last time. */
  saveWhenDue(at: number, verdicts: Verdicts, detection: Detection): Promise<void>
  save(verdicts: Verdicts, detection: Detection): Promise<void>
}

const SAVE_EVERY_MS = 3_600_000

export interface MemoryDependencies {
  readonly store: MemoryStore<MemoryHeader>
  readonly modelOf: (id: string) => { readonly id: string } | undefined
  readonly clock: Clock
  readonly logger: Logger
}

export function createMemoryKeeper({ store, modelOf, clock, logger }: MemoryDependencies): MemoryKeeper {
  let kept = new Map<string, { model: string; memory: TargetMemory }>()
  let savedAt = clock.now()

  async function save(verdicts: Verdicts, detection: Detection): Promise<void> {
    savedAt = clock.now()
    const targets: { id: string; model: string }[] = []
    const memories: TargetMemory[] = []
    for (const [slot, verdict] of verdicts.entries()) {
      const model = verdict && detection.models.has(slot) ? modelOf(verdict.target.id) : undefined
      const alarms = detection.alarms.memory(slot)
      if (model === undefined || alarms === undefined) continue
      targets.push({ id: verdict!.target.id, model: model.id })
      memories.push({ scorer: detection.models.memory(slot), alarms })
    }
    if (targets.length === 0) return
    try {
      await store.save({ header: { saved_at: new Date(savedAt).toISOString(), targets }, tensors: toTensors(memories) })
    } catch (err) {
      logger.warn({ err }, 'what scoring remembers could not be written to the data directory')
    }
  }

  return {
    async load() {
      try {
        const file = await store.load()
        if (file !== undefined) kept = fromFile(file)
      } catch (err) {
        logger.warn({ err }, 'what scoring remembered is refused; thresholds start from the training scores')
      }
    },
    recall(id, model) {
      const found = kept.get(id)
      kept.delete(id)
      return found?.model === model ? found.memory : undefined
    },
    async saveWhenDue(at, verdicts, detection) {
      if (at - savedAt >= SAVE_EVERY_MS) await save(verdicts, detection)
    },
    save,
  }
}

function toTensors(memories: readonly TargetMemory[]): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {
    averages: joined(
      Float32Array,
      memories.map(({ scorer }) => scorer.past.averages),
    ),
    kept: joined(
      Float32Array,
      memories.map(({ scorer }) => scorer.past.kept),
    ),
    times: joined(
      Float64Array,
      memories.map(({ scorer }) => scorer.past.times),
    ),
    smoothed: joined(
      Float64Array,
      memories.map(({ scorer }) => scorer.smoothed),
    ),
  }
  for (const member of MEMBERS) {
    tensors[`errors_${member}`] = joined(
      Float32Array,
      memories.map(({ scorer }) => scorer.errors[member]),
    )
  }
  for (const name of ['combined', 'anomaly'] as const) {
    tensors[`${name}_codes`] = joined(
      Uint16Array,
      memories.map(({ alarms }) => alarms[name].codes),
    )
    tensors[`${name}_numbers`] = joined(
      Float64Array,
      memories.map(({ alarms }) => alarms[name].numbers),
    )
  }
  return tensors
}

function fromFile({ header, tensors }: TensorFile<MemoryHeader>): Map<string, { model: string; memory: TargetMemory }> {
  const count = header.targets.length
  return new Map(
    header.targets.map(({ id, model }, i) => {
      const own32 = (name: string) => part(tensorOf(tensors, name, Float32Array), i, count)
      const own64 = (name: string) => part(tensorOf(tensors, name, Float64Array), i, count)
      const budget = (name: string) => ({
        codes: part(tensorOf(tensors, `${name}_codes`, Uint16Array), i, count),
        numbers: own64(`${name}_numbers`),
      })
      const scorer = {
        past: { averages: own32('averages'), kept: own32('kept'), times: own64('times') },
        errors: byMember((member) => own32(`errors_${member}`)),
        smoothed: own64('smoothed'),
      }
      return [id, { model, memory: { scorer, alarms: { combined: budget('combined'), anomaly: budget('anomaly') } } }]
    }),
  )
}
