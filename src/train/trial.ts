import type { Kernel } from '../detect/kernel/kernel.ts'
import { type AutoencoderPlan, autoencoderInputs } from '../detect/model.ts'
import type { TrainingSet } from '../domain/training-set.ts'
import { type Losses, type NetworkData, type OnEpoch, trainNetwork } from './autoencoder.ts'
import { buildDesign, type Design } from './design.ts'
import { type FitOptions, scalerFor } from './fit-options.ts'
import { networkRandom, shapeOf, targetsOf } from './network-plan.ts'

export interface Trial {
  readonly bestEpoch: number
  /** Whether the network did best at the very end, so that more rows may have their full length of training. */
  readonly finished: boolean
  readonly losses: Losses
  /** Reconstruction error of every validation row. */
  readonly errors: Float64Array
}

/**
 * Trains on the older rows of every target and judges on its newest: how long should training go on, and which errors
 * are to be expected of rows the network has not seen? Scaling, too, knows the older rows alone.
 */
export function runTrial(
  sets: readonly TrainingSet[],
  width: number,
  options: FitOptions,
  kernel: Kernel,
  onEpoch: OnEpoch,
): Trial {
  const splits = sets.map((set) => Math.max(1, Math.floor(set.times.length * (1 - options.validation))))
  const scaled = sets.map((set, i) => ({
    set,
    scaler: scalerFor(set.rows.subarray(0, splits[i] * width), width, options),
  }))
  const design = buildDesign(scaled, width, options.plan)
  const data = olderFirst(design, sets, splits, width, options.plan)
  const shape = shapeOf(options.plan, width)
  const random = networkRandom(options)
  const { weights, losses, bestEpoch } = trainNetwork(kernel, shape, data, options.training, random, { onEpoch })
  const finished = bestEpoch === losses.validation.length
  return { bestEpoch, finished, losses, errors: errorsOf(kernel, weights, data, options.plan, width) }
}

/** The older rows of all targets first, then the newer ones. */
function olderFirst(
  design: Design,
  sets: readonly TrainingSet[],
  splits: readonly number[],
  width: number,
  plan: AutoencoderPlan,
): NetworkData {
  const older: number[] = []
  const newer: number[] = []
  let from = 0
  for (const [i, set] of sets.entries()) {
    for (let row = 0; row < set.times.length; row++) (row < splits[i] ? older : newer).push(from + row)
    from += set.times.length
  }
  const order = [...older, ...newer]
  return {
    rows: order.length,
    validationFrom: older.length,
    inputs: reordered(design.autoencoderIn, order, autoencoderInputs(plan, width)),
    targets: reordered(targetsOf(design, plan, width), order, width),
  }
}

function reordered(matrix: Float32Array, order: readonly number[], width: number): Float32Array {
  const result = new Float32Array(order.length * width)
  for (const [to, from] of order.entries()) {
    result.set(matrix.subarray(from * width, (from + 1) * width), to * width)
  }
  return result
}

function errorsOf(
  kernel: Kernel,
  weights: Float32Array,
  data: NetworkData,
  plan: AutoencoderPlan,
  width: number,
): Float64Array {
  const rows = data.rows - data.validationFrom
  const network = kernel.createNetwork(shapeOf(plan, width), weights)
  const outputs = new Float32Array(rows * width)
  network.infer(rows, data.inputs.subarray(data.validationFrom * autoencoderInputs(plan, width)), outputs)
  network.dispose()
  const targets = data.targets.subarray(data.validationFrom * width)
  return Float64Array.from({ length: rows }, (_, row) => {
    let squares = 0
    for (let f = row * width; f < (row + 1) * width; f++) squares += (targets[f] - outputs[f]) ** 2
    return squares / width
  })
}
