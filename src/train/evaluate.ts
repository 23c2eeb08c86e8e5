import { createDetection, type DetectionOptions } from '../detect/detection.ts'
import type { Kernel } from '../detect/kernel/kernel.ts'
import type { TrainingSet } from '../domain/training-set.ts'
import type { Verdict } from '../domain/verdict.ts'
import type { OnEpoch } from './autoencoder.ts'
import { type Fitted, fitModel } from './fit.ts'
import type { FitOptions } from './fit-options.ts'

const TARGET = { id: 'evaluated', labels: { instance: 'evaluated', job: 'csv' } }

export interface Evaluated {
  readonly fitted: Fitted
  /** The verdict on the next row, with the contributions of all features; rows come in time order. */
  judge(at: number, values: Float64Array): Verdict
}

/** Fits on one stretch of rows and judges another, one by one, as the daemon would. */
export function evaluate(
  set: TrainingSet,
  fitting: FitOptions,
  detecting: DetectionOptions,
  kernel: Kernel,
  onEpoch?: OnEpoch,
): Evaluated {
  const fitted = fitModel(new Map([[TARGET.id, set]]), fitting, kernel, onEpoch)
  const { fleet, models, alarms } = createDetection(detecting, kernel)
  const { model, seed } = fitted.targets.get(TARGET.id)!
  let adopted = false
  return {
    fitted,
    judge(at, values) {
      const matrix = {
        at,
        names: set.names,
        targets: [TARGET],
        values,
        fresh: Uint8Array.of(1),
        sampledAt: Float64Array.of(at),
        cleaning: { forwardFilled: 0, missing: 0, droppedRows: 0 },
      }
      if (!adopted) {
        fleet.place(matrix)
        models.adopt(0, model)
        alarms.adopt(0, seed)
        adopted = true
      }
      const verdict = fleet.detect(matrix)[0]!
      return verdict.contributions.length > 0 ? verdict : { ...verdict, contributions: fleet.explain(0) }
    },
  }
}
