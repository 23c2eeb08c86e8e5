import type { Kernel } from '../detect/kernel/kernel.ts'
import { byMember, MEMBERS, type Member, type ScorerMemory, type TargetModel } from '../detect/model.ts'
import { createModelScorer } from '../detect/model-scorer.ts'
import type { FeatureMatrix } from '../domain/feature-matrix.ts'
import type { TrainingSet } from '../domain/training-set.ts'

/** What a model says of the rows it was trained on, one number a row. */
export interface TrainingScores {
  readonly anomaly: Float64Array
  readonly combined: Float64Array
  /** Members' scores before calibration: on each row alone, and smoothed. */
  readonly sudden: Readonly<Record<Member, Float64Array>>
  readonly lasting: Readonly<Record<Member, Float64Array>>
  /** What the scorer remembers after the last row; live scoring goes on from there. */
  readonly memory: ScorerMemory
}

const TARGET = { id: '', labels: {} }

/** Runs a target's rows through the scorer that also runs live. */
export function rescore(set: TrainingSet, model: TargetModel, kernel: Kernel, intervalMs: number): TrainingScores {
  const width = set.names.length
  const scorer = createModelScorer({ width, intervalMs, kernel })
  scorer.grow(1)
  scorer.adopt(0, model)
  const rows = set.times.length
  const anomaly = new Float64Array(rows)
  const combined = new Float64Array(rows)
  const sudden = byMember(() => new Float64Array(rows))
  const lasting = byMember(() => new Float64Array(rows))
  for (let row = 0; row < rows; row++) {
    scorer.score(matrixOf(set, row, width), [0])
    anomaly[row] = scorer.anomaly[0]
    combined[row] = scorer.combined[0]
    for (const member of MEMBERS) {
      sudden[member][row] = scorer.sudden[member][0]
      lasting[member][row] = scorer.lasting[member][0]
    }
  }
  return { anomaly, combined, sudden, lasting, memory: scorer.memory(0) }
}

/** One row as the matrix of a fleet of one. */
export function matrixOf(set: TrainingSet, row: number, width: number): FeatureMatrix {
  return {
    at: set.times[row],
    names: set.names,
    targets: [TARGET],
    values: Float64Array.from(set.rows.subarray(row * width, (row + 1) * width)),
    fresh: Uint8Array.of(1),
    sampledAt: Float64Array.of(set.times[row]),
    cleaning: { forwardFilled: 0, missing: 0, droppedRows: 0 },
  }
}
