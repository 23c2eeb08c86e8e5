import type { Kernel, NetworkShape } from '../detect/kernel/kernel.ts'
import { type Random, shuffle } from '../domain/random.ts'

/** How long and how fast a network learns. */
export interface AutoencoderTraining {
  /**
   * `epochs`: so many passes over the rows at a constant rate, ended early by `patience`. `steps`: so many batches
   * whatever the rows, the rate falling to 0 along half a cosine.
   */
  readonly length: { readonly epochs: number; readonly patience: number } | { readonly steps: number }
  readonly batchSize: number
  readonly learningRate: number
}

export interface Losses {
  /** Mean squared error of every epoch. */
  readonly training: number[]
  readonly validation: number[]
}

export interface TrainedNetwork {
  readonly weights: Float32Array
  readonly losses: Losses
  /** Epochs after which the weights were taken. */
  readonly bestEpoch: number
}

export type OnEpoch = (epoch: number, epochs: number, training: number, validation: number) => void

/** Matrices of a network's training, row-major; the rows from `validationFrom` on judge, the rows before teach. */
export interface NetworkData {
  readonly rows: number
  readonly validationFrom: number
  readonly inputs: Float32Array
  readonly targets: Float32Array
}

/** A last validation loss up to so much above the best is no overfitting; an earlier network would not be better. */
const TOLERATED = 1.1

/**
 * Trains with Adam on mean squared error. Where there are validation rows it keeps the weights of the epoch with the
 * lowest validation loss, unless the last epoch's is about as low; else the last weights.
 *
 * @param epochs where given: so many epochs, whatever `options` say of their number
 */
export function trainNetwork(
  kernel: Kernel,
  shape: NetworkShape,
  data: NetworkData,
  options: AutoencoderTraining,
  random: Random,
  { epochs = epochsOf(options, data.validationFrom), onEpoch = () => {} }: { epochs?: number; onEpoch?: OnEpoch } = {},
): TrainedNetwork {
  const judged = data.validationFrom < data.rows
  const batches = Math.ceil(data.validationFrom / options.batchSize)
  const trainer = kernel.createTrainer({
    shape,
    weights: startWeights(shape.sizes, random),
    rows: data.rows,
    inputs: data.inputs,
    targets: data.targets,
    batch: options.batchSize,
    learningRate: options.learningRate,
    ...('steps' in options.length && { decaySteps: epochs * batches }),
  })
  const order = Int32Array.from({ length: data.validationFrom }, (_, i) => i)
  const patience = 'patience' in options.length ? options.length.patience : epochs
  const losses: Losses = { training: [], validation: [] }
  let best = { weights: trainer.weights(), loss: Number.POSITIVE_INFINITY, epoch: 0 }
  for (let epoch = 1; epoch <= epochs && epoch - best.epoch <= patience; epoch++) {
    shuffle(order, random)
    const training = trainer.epoch(new Uint32Array(order))
    const validation = judged ? trainer.loss(data.validationFrom, data.rows) : Number.NaN
    losses.training.push(training)
    losses.validation.push(validation)
    onEpoch(epoch, epochs, training, validation)
    const last = epoch === epochs && validation <= TOLERATED * best.loss
    if (!judged || last || validation < best.loss) best = { weights: trainer.weights(), loss: validation, epoch }
  }
  trainer.dispose()
  return { weights: best.weights, losses, bestEpoch: best.epoch }
}

function epochsOf({ length, batchSize }: AutoencoderTraining, rows: number): number {
  return 'epochs' in length ? length.epochs : Math.max(1, Math.ceil((length.steps * batchSize) / rows))
}

/**
 * Weights to start from: normal with standard deviation √(2 / inputs) before a ReLU, √(1 / inputs) at the end; no bias.
 * Source: He et al., "Delving Deep into Rectifiers", ICCV 2015.
 *
 * @returns per layer the matrix [out][in], then the biases
 */
function startWeights(sizes: readonly number[], random: Random): Float32Array {
  const parts: number[] = []
  for (let layer = 1; layer < sizes.length; layer++) {
    const inputs = sizes[layer - 1]
    const deviation = Math.sqrt((layer < sizes.length - 1 ? 2 : 1) / inputs)
    for (let i = 0; i < inputs * sizes[layer]; i++) parts.push(deviation * normal(random))
    for (let i = 0; i < sizes[layer]; i++) parts.push(0)
  }
  return Float32Array.from(parts)
}

/** A standard normal number (Box & Muller 1958). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
