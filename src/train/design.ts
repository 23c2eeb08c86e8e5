import type { AutoencoderPlan } from '../detect/model.ts'
import { createInputRows, type InputRows, writeInputs } from '../detect/model-inputs.ts'
import { RecentPast } from '../detect/recent-past.ts'
import type { Scaler } from '../detect/scaler.ts'
import type { TrainingSet } from '../domain/training-set.ts'

/** One target's rows, and how its features are scaled. */
export interface ScaledSet {
  readonly set: TrainingSet
  readonly scaler: Scaler
}

/** Rows of all sets, one set after the other, as the members of the model get to see them. */
export interface Design extends InputRows {
  readonly rows: number
}

/** Streams the rows of every target through its own recent past, exactly as live readings go. */
export function buildDesign(sets: readonly ScaledSet[], width: number, plan: AutoencoderPlan): Design {
  const rows = sets.reduce((sum, { set }) => sum + set.times.length, 0)
  const inputs = createInputRows(rows, width, plan.context)
  let i = 0
  for (const { set, scaler } of sets) {
    const past = new RecentPast(width)
    past.grow(1)
    const model = { scaler, weights: { plan } }
    for (let row = 0; row < set.times.length; row++, i++) {
      writeInputs(past, 0, set.times[row], set.rows, row * width, model, inputs, i)
      past.advance(0, set.times[row], inputs.capped, i * width)
    }
  }
  return { ...inputs, rows }
}
