import { type AutoencoderPlan, autoencoderInputs, forecastInputs } from './model.ts'
import { DAY, HOUR, HOURS, type RecentPast } from './recent-past.ts'
import { FARTHEST_INPUT, type Scaler, toDeviations } from './scaler.ts'

/** What the members of the model get to see of each reading; row-major, filled by `writeInputs`. */
export interface InputRows {
  /** The reading in deviations, rows × width. */
  readonly deviations: Float32Array
  /** The same, within ±8. */
  readonly capped: Float32Array
  /** The average of the last hours: what `baseline` expects. */
  readonly baseline: Float32Array
  readonly forecastIn: Float32Array
  readonly autoencoderIn: Float32Array
}

export function createInputRows(rows: number, width: number, context: boolean): InputRows {
  return {
    deviations: new Float32Array(rows * width),
    capped: new Float32Array(rows * width),
    baseline: new Float32Array(rows * width),
    forecastIn: new Float32Array(rows * forecastInputs(width)),
    autoencoderIn: new Float32Array(rows * (context ? 3 * width : width)),
  }
}

/**
 * Writes row `i`: the reading at `offset` of `values`, and the slot's past before it. The caller takes the reading into
 * the past afterwards. A slot without a past gets this reading for one.
 */
export function writeInputs(
  past: RecentPast,
  slot: number,
  at: number,
  values: ArrayLike<number>,
  offset: number,
  model: { readonly scaler: Scaler; readonly weights: { readonly plan: AutoencoderPlan } },
  rows: InputRows,
  i: number,
): void {
  const { width } = past
  const { deviations, capped, forecastIn, autoencoderIn } = rows
  const row = i * width
  toDeviations(model.scaler, values, offset, deviations, row)
  for (let f = row; f < row + width; f++) {
    capped[f] = Math.max(-FARTHEST_INPUT, Math.min(FARTHEST_INPUT, deviations[f]))
  }
  if (!past.has(slot, at)) past.advance(slot, at, capped, row)
  const lagged = past.lagged(slot, at)
  const hour = past.average(slot, HOUR)
  const from = i * forecastInputs(width)
  forecastIn.set(lagged, from)
  forecastIn.set(hour, from + width)
  forecastIn.set(past.average(slot, DAY), from + 2 * width)
  forecastIn[from + 3 * width] = 1
  rows.baseline.set(past.average(slot, HOURS), row)

  const { plan } = model.weights
  const start = i * autoencoderInputs(plan, width)
  if (plan.scaling === 'deviations') autoencoderIn.set(capped.subarray(row, row + width), start)
  else for (let f = 0; f < width; f++) autoencoderIn[start + f] = inRange(model.scaler, f, deviations[row + f])
  if (!plan.context) return
  autoencoderIn.set(lagged, start + width)
  autoencoderIn.set(hour, start + 2 * width)
}

/** A deviation in the feature's training range: 0 at the minimum, 1 at the maximum, beyond for values beyond. */
export function inRange({ center, spread, minimum, range }: Scaler, f: number, z: number): number {
  return Number.isFinite(range[f]) ? (center[f] + z * spread[f] - minimum[f]) / range[f] : 0
}

/** Expectations in the training range back to deviations, in place. */
export function fromRange({ center, spread, minimum, range }: Scaler, values: Float32Array, row: number): void {
  for (let f = 0; f < range.length; f++) {
    const z = (minimum[f] + values[row + f] * range[f] - center[f]) / spread[f]
    values[row + f] = Number.isFinite(range[f]) ? z : 0
  }
}
