import type { ThresholdSeed } from '../detect/alarm-rule.ts'
import type { Kernel } from '../detect/kernel/kernel.ts'
import { forecastInputs, type ModelWeights, type TargetModel } from '../detect/model.ts'
import { type ThresholdChoice, thresholdFromErrors } from '../detect/threshold/from-errors.ts'
import type { TrainingSet } from '../domain/training-set.ts'
import { type Losses, type OnEpoch, trainNetwork } from './autoencoder.ts'
import { withReferences, withUsualErrors } from './calibrate.ts'
import { buildDesign, type Design } from './design.ts'
import { type FitOptions, scalerFor } from './fit-options.ts'
import { networkRandom, shapeOf, targetsOf } from './network-plan.ts'
import { rescore } from './rescore.ts'
import { runTrial } from './trial.ts'

export interface Fitted {
  readonly weights: ModelWeights
  readonly targets: ReadonlyMap<string, FittedTarget>
  readonly losses: Losses
  /** Epochs after which the network that was judged did best. */
  readonly bestEpoch: number
  readonly threshold: ThresholdChoice
}

export interface FittedTarget {
  readonly model: TargetModel
  readonly seed: ThresholdSeed
}

/** Ridge penalty for each row: strong enough that a forecast from a few hundred rows does not follow their noise. */
const PENALTY = 0.1

/**
 * Fits one model to the rows of one target, or of a group of targets that share it.
 *
 * First the network learns on the older rows and is judged on the newest; that settles how long to train and gives
 * honest validation errors. Then scaling, network and forecast are fitted on all rows.
 *
 * @param sets by target id, all with the same features; 2 rows or more each
 * @param teachers targets whose rows the shared weights are fitted to; the others get only a scaling of their own
 * @throws {RangeError} without rows enough
 */
export function fitModel(
  sets: ReadonlyMap<string, TrainingSet>,
  options: FitOptions,
  kernel: Kernel,
  onEpoch: OnEpoch = () => {},
  teachers: readonly string[] = [...sets.keys()],
): Fitted {
  const taught = teachers.map((id) => sets.get(id)!)
  if (taught.length === 0 || taught.some((set) => set.times.length < 2)) {
    throw new RangeError('a model needs 2 rows or more of every target')
  }
  const trial = runTrial(taught, taught[0].names.length, options, kernel, onEpoch)
  const threshold = thresholdFromErrors(options.threshold, trial.errors)
  const weights = fitWeights(taught, trial.finished ? undefined : trial.bestEpoch, options, kernel)
  const targets = [...sets].map(([id, set]) => [id, fitTarget(set, weights, threshold.value, options, kernel)] as const)
  return { weights, targets: new Map(targets), losses: trial.losses, bestEpoch: trial.bestEpoch, threshold }
}

function fitWeights(
  sets: readonly TrainingSet[],
  epochs: number | undefined,
  options: FitOptions,
  kernel: Kernel,
): ModelWeights {
  const { names } = sets[0]
  const width = names.length
  const scaled = sets.map((set) => ({ set, scaler: scalerFor(set.rows, width, options) }))
  const design = buildDesign(scaled, width, options.plan)
  const autoencoder = fitAutoencoder(design, width, options, epochs, kernel)
  const forecast = fitForecast(design, width, kernel)
  const draft = withUsualErrors({ names, plan: options.plan, autoencoder, forecast }, design, scaled)
  const scores = scaled.map(({ set, scaler }) => rescore(set, { weights: draft, scaler }, kernel, options.intervalMs))
  return withReferences(draft, scores)
}

/** Gives further targets a share in weights that were fitted before. */
export function extendModel(
  sets: ReadonlyMap<string, TrainingSet>,
  weights: ModelWeights,
  anomalyThreshold: number,
  options: FitOptions,
  kernel: Kernel,
): ReadonlyMap<string, FittedTarget> {
  const fitted = [...sets].map(([id, set]) => [id, fitTarget(set, weights, anomalyThreshold, options, kernel)] as const)
  return new Map(fitted)
}

/** What is a target's own: scaling, memory of its recent past, and the scores its threshold starts from. */
function fitTarget(
  set: TrainingSet,
  weights: ModelWeights,
  anomalyThreshold: number,
  options: FitOptions,
  kernel: Kernel,
): FittedTarget {
  const scaler = scalerFor(set.rows, set.names.length, options)
  const { combined, anomaly, memory } = rescore(set, { weights, scaler }, kernel, options.intervalMs)
  return { model: { weights, scaler, memory }, seed: { times: set.times, combined, anomaly, anomalyThreshold } }
}

function fitAutoencoder(
  design: Design,
  width: number,
  options: FitOptions,
  epochs: number | undefined,
  kernel: Kernel,
) {
  const shape = shapeOf(options.plan, width)
  const data = {
    rows: design.rows,
    validationFrom: design.rows,
    inputs: design.autoencoderIn,
    targets: targetsOf(design, options.plan, width),
  }
  const { weights } = trainNetwork(kernel, shape, data, options.training, networkRandom(options), { epochs })
  return kernel.createNetwork(shape, weights)
}

/** Ridge regression of the reading on its recent past. */
function fitForecast(design: Design, width: number, kernel: Kernel) {
  const inputs = forecastInputs(width)
  const ridge = kernel.createRidge(width, inputs)
  ridge.add(design.rows, design.forecastIn, design.capped)
  const weights = ridge.solve(PENALTY * design.rows)
  ridge.dispose()
  return kernel.createLinear(width, inputs, weights)
}
