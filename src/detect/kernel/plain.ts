/**
 * The kernel in plain TypeScript: the fallback where WebAssembly SIMD is missing, and the yardstick the
 * other one is tested against. Sums run in float64, storage is float32.
 */
import { AdamSchedule } from './adam.ts'
import {
  checkedShape,
  checkLambda,
  checkLength,
  checkMatrix,
  checkPermutation,
  checkRange,
  checkSameWidths,
  checkWeights,
  checkWidth,
  firstWidth,
  lastWidth,
  type TrainerSettings,
  trainerSettings,
} from './checks.ts'
import { solveNormal } from './cholesky.ts'
import type { Kernel, Linear, Network, NetworkShape, Ridge, Trainer, TrainerOptions } from './kernel.ts'

/** As in the WASM kernel: smaller moments become 0, away from slow denormals. */
const NEGLIGIBLE = 1e-30

/** One layer of a flat weight array: W at `weights` [outputs][inputs], bias at `bias`. */
interface Layer {
  readonly inputs: number
  readonly outputs: number
  readonly weights: number
  readonly bias: number
}

function layersOf(sizes: readonly number[]): Layer[] {
  const layers: Layer[] = []
  let at = 0
  for (let l = 1; l < sizes.length; l++) {
    const inputs = sizes[l - 1] ?? 0
    const outputs = sizes[l] ?? 0
    layers.push({ inputs, outputs, weights: at, bias: at + inputs * outputs })
    at += (inputs + 1) * outputs
  }
  return layers
}

/** One activation row per layer. */
function activationRows(layers: readonly Layer[]): Float32Array[] {
  return layers.map((layer) => new Float32Array(layer.outputs))
}

/** y = W x + b for the row of x at `from`; ReLU where `relu` (NaN passes through). */
function forwardLayer(layer: Layer, w: Float32Array, x: Float32Array, from: number, relu: boolean, y: Float32Array) {
  const { inputs, outputs } = layer
  let at = layer.weights
  for (let o = 0; o < outputs; o++) {
    let sum = w[layer.bias + o] as number
    for (let i = 0; i < inputs; i++) sum += (w[at++] as number) * (x[from + i] as number)
    y[o] = relu && sum < 0 ? 0 : sum
  }
}

function sigmoidInPlace(y: Float32Array): void {
  for (let o = 0; o < y.length; o++) y[o] = 1 / (1 + Math.exp(-(y[o] as number)))
}

/** One row through all layers; the activations stay in `rows` for backpropagation. */
function forward(
  layers: readonly Layer[],
  output: NetworkShape['output'],
  w: Float32Array,
  x: Float32Array,
  from: number,
  rows: readonly Float32Array[],
): Float32Array {
  let input = x
  let offset = from
  for (let l = 0; l < layers.length; l++) {
    const y = rows[l] as Float32Array
    forwardLayer(layers[l] as Layer, w, input, offset, l + 1 < layers.length, y)
    input = y
    offset = 0
  }
  if (output === 'sigmoid') sigmoidInPlace(input)
  return input
}

class PlainNetwork implements Network {
  readonly shape: NetworkShape
  readonly #layers: readonly Layer[]
  readonly #activations: readonly Float32Array[]
  #weights: Float32Array | undefined

  constructor(shape: NetworkShape, weights: Float32Array) {
    this.shape = checkedShape(shape)
    checkWeights(this.shape, weights)
    this.#layers = layersOf(this.shape.sizes)
    this.#activations = activationRows(this.#layers)
    this.#weights = weights.slice()
  }

  infer(rows: number, inputs: Float32Array, outputs: Float32Array): void {
    checkMatrix('inputs', rows, firstWidth(this.shape), inputs)
    checkMatrix('outputs', rows, lastWidth(this.shape), outputs)
    for (let r = 0; r < rows; r++) this.inferRow(r, inputs, outputs)
  }

  inferRow(row: number, inputs: Float32Array, outputs: Float32Array): void {
    const from = row * firstWidth(this.shape)
    const y = forward(this.#layers, this.shape.output, this.#resident(), inputs, from, this.#activations)
    outputs.set(y, row * y.length)
  }

  weights(): Float32Array {
    return this.#resident().slice()
  }

  dispose(): void {
    this.#weights = undefined
  }

  #resident(): Float32Array {
    if (this.#weights === undefined) throw new Error('this model has been disposed')
    return this.#weights
  }
}

/** A linear model is a network of one layer with zero bias. */
class PlainLinear implements Linear {
  readonly outputs: number
  readonly inputs: number
  readonly network: PlainNetwork

  constructor(outputs: number, inputs: number, weights: Float32Array) {
    checkWidth('outputs', outputs)
    checkWidth('inputs', inputs)
    checkLength('weights', weights, outputs * inputs)
    const withBias = new Float32Array((inputs + 1) * outputs)
    withBias.set(weights)
    this.outputs = outputs
    this.inputs = inputs
    this.network = new PlainNetwork({ sizes: [inputs, outputs], output: 'linear' }, withBias)
  }

  apply(rows: number, inputs: Float32Array, results: Float32Array): void {
    this.network.infer(rows, inputs, results)
  }

  weights(): Float32Array {
    return this.network.weights().slice(0, this.outputs * this.inputs)
  }

  dispose(): void {
    this.network.dispose()
  }
}

/** Everything a trainer owns, dropped as one on dispose. */
interface TrainerState {
  readonly weights: Float32Array
  readonly inputs: Float32Array
  readonly targets: Float32Array
  readonly gradient: Float64Array
  readonly first: Float32Array
  readonly second: Float32Array
  readonly activations: readonly Float32Array[]
  readonly deltas: readonly Float64Array[]
}

class PlainTrainer implements Trainer {
  readonly shape: NetworkShape
  readonly #settings: TrainerSettings
  readonly #layers: readonly Layer[]
  readonly #schedule: AdamSchedule
  #state: TrainerState | undefined

  constructor(options: TrainerOptions) {
    const settings = trainerSettings(options)
    this.shape = settings.shape
    this.#settings = settings
    this.#schedule = new AdamSchedule(settings)
    this.#layers = layersOf(this.shape.sizes)
    const count = options.weights.length
    const inputs = options.inputs.slice()
    this.#state = {
      weights: options.weights.slice(),
      inputs,
      targets: settings.targets === options.inputs ? inputs : settings.targets.slice(),
      gradient: new Float64Array(count),
      first: new Float32Array(count),
      second: new Float32Array(count),
      activations: activationRows(this.#layers),
      deltas: this.#layers.map((layer) => new Float64Array(layer.outputs)),
    }
  }

  epoch(permutation: Uint32Array): number {
    const state = this.#resident()
    checkPermutation(permutation, this.#settings.rows)
    let total = 0
    for (let start = 0; start < permutation.length; start += this.#settings.batch) {
      const end = Math.min(start + this.#settings.batch, permutation.length)
      total += this.#trainBatch(state, permutation, start, end)
    }
    return total / (permutation.length * lastWidth(this.shape))
  }

  loss(from: number, to: number): number {
    const state = this.#resident()
    checkRange(from, to, this.#settings.rows)
    let total = 0
    for (let row = from; row < to; row++) total += this.#forwardRow(state, row)
    return total / ((to - from) * lastWidth(this.shape))
  }

  weights(): Float32Array {
    return this.#resident().weights.slice()
  }

  dispose(): void {
    this.#state = undefined
  }

  #resident(): TrainerState {
    if (this.#state === undefined) throw new Error('this trainer has been disposed')
    return this.#state
  }

  #trainBatch(state: TrainerState, permutation: Uint32Array, start: number, end: number): number {
    const scale = 2 / ((end - start) * lastWidth(this.shape))
    state.gradient.fill(0)
    let total = 0
    for (let p = start; p < end; p++) {
      const row = permutation[p] as number
      total += this.#forwardRow(state, row)
      this.#outputDeltas(state, row, scale)
      this.#backwardRow(state, row)
    }
    this.#step(state)
    return total
  }

  /** Fills the activations and returns the sum of squared errors of one row. */
  #forwardRow(state: TrainerState, row: number): number {
    const from = row * firstWidth(this.shape)
    const y = forward(this.#layers, this.shape.output, state.weights, state.inputs, from, state.activations)
    let sum = 0
    for (let o = 0; o < y.length; o++) {
      const error = (y[o] as number) - (state.targets[row * y.length + o] as number)
      sum += error * error
    }
    return sum
  }

  #outputDeltas(state: TrainerState, row: number, scale: number): void {
    const last = this.#layers.length - 1
    const y = state.activations[last] as Float32Array
    const deltas = state.deltas[last] as Float64Array
    const sigmoid = this.shape.output === 'sigmoid'
    for (let o = 0; o < y.length; o++) {
      const value = y[o] as number
      const slope = sigmoid ? value * (1 - value) : 1
      deltas[o] = (value - (state.targets[row * y.length + o] as number)) * scale * slope
    }
  }

  #backwardRow(state: TrainerState, row: number): void {
    for (let l = this.#layers.length - 1; l >= 0; l--) {
      const layer = this.#layers[l] as Layer
      const deltas = state.deltas[l] as Float64Array
      const input = l > 0 ? (state.activations[l - 1] as Float32Array) : state.inputs
      addGradient(layer, state.gradient, input, l > 0 ? 0 : row * layer.inputs, deltas)
      if (l > 0) propagate(layer, state.weights, deltas, input, state.deltas[l - 1] as Float64Array)
    }
  }

  #step(state: TrainerState): void {
    const { weights, gradient, first, second } = state
    const { beta1, beta2, epsilon } = this.#settings
    this.#schedule.next()
    const { stepSize, correction2 } = this.#schedule
    for (let j = 0; j < weights.length; j++) {
      const g = gradient[j] as number
      const m = settle(beta1 * (first[j] as number) + (1 - beta1) * g)
      const v = settle(beta2 * (second[j] as number) + (1 - beta2) * g * g)
      first[j] = m
      second[j] = v
      weights[j] = (weights[j] as number) - (stepSize * m) / (Math.sqrt(correction2 * v) + epsilon)
    }
  }
}

function settle(moment: number): number {
  return Math.abs(moment) < NEGLIGIBLE ? 0 : moment
}

/** gradient += delta (outer product) input row, for weights and bias of one layer. */
function addGradient(layer: Layer, gradient: Float64Array, x: Float32Array, from: number, deltas: Float64Array): void {
  const { inputs, outputs } = layer
  let at = layer.weights
  for (let o = 0; o < outputs; o++) {
    const delta = deltas[o] as number
    for (let i = 0; i < inputs; i++) {
      gradient[at] = (gradient[at] as number) + delta * (x[from + i] as number)
      at++
    }
    gradient[layer.bias + o] = (gradient[layer.bias + o] as number) + delta
  }
}

/** Deltas before a layer from those after it, where the ReLU in between was open. */
function propagate(layer: Layer, w: Float32Array, after: Float64Array, open: Float32Array, before: Float64Array): void {
  const { inputs, outputs } = layer
  before.fill(0)
  let at = layer.weights
  for (let o = 0; o < outputs; o++) {
    const delta = after[o] as number
    for (let i = 0; i < inputs; i++) before[i] = (before[i] as number) + delta * (w[at++] as number)
  }
  for (let i = 0; i < inputs; i++) if (!((open[i] as number) > 0)) before[i] = 0
}

class PlainRidge implements Ridge {
  readonly outputs: number
  readonly inputs: number
  /** [inputs][inputs + outputs]: upper triangle of X^T X, then X^T Y. */
  #sums: Float64Array | undefined
  readonly #row: Float64Array

  constructor(outputs: number, inputs: number) {
    checkWidth('outputs', outputs)
    checkWidth('inputs', inputs)
    this.outputs = outputs
    this.inputs = inputs
    this.#sums = new Float64Array(inputs * (inputs + outputs))
    this.#row = new Float64Array(inputs + outputs)
  }

  add(rows: number, x: Float32Array, y: Float32Array): void {
    const sums = this.#resident()
    checkMatrix('x', rows, this.inputs, x)
    checkMatrix('y', rows, this.outputs, y)
    for (let r = 0; r < rows; r++) {
      this.#row.set(x.subarray(r * this.inputs, (r + 1) * this.inputs))
      this.#row.set(y.subarray(r * this.outputs, (r + 1) * this.outputs), this.inputs)
      this.#addRow(sums, this.#row)
    }
  }

  solve(lambda: number): Float32Array {
    const sums = this.#resident()
    checkLambda(lambda)
    return solveNormal(sums, this.inputs + this.outputs, this.inputs, this.outputs, lambda)
  }

  dispose(): void {
    this.#sums = undefined
  }

  #addRow(sums: Float64Array, row: Float64Array): void {
    const width = row.length
    for (let i = 0; i < this.inputs; i++) {
      const x = row[i] as number
      const at = i * width
      for (let j = i; j < width; j++) sums[at + j] = (sums[at + j] as number) + x * (row[j] as number)
    }
  }

  #resident(): Float64Array {
    if (this.#sums === undefined) throw new Error('this regression has been disposed')
    return this.#sums
  }
}

function ownNetwork(model: Network): PlainNetwork {
  if (!(model instanceof PlainNetwork)) throw new TypeError('a model of another kernel')
  return model
}

function ownLinear(model: Linear): PlainNetwork {
  if (!(model instanceof PlainLinear)) throw new TypeError('a model of another kernel')
  return model.network
}

function inferEach(models: readonly PlainNetwork[], inputs: Float32Array, outputs: Float32Array): void {
  const first = models[0]
  for (const model of models) checkSameWidths((first as PlainNetwork).shape, model.shape)
  checkMatrix('inputs', models.length, first === undefined ? 0 : firstWidth(first.shape), inputs)
  checkMatrix('outputs', models.length, first === undefined ? 0 : lastWidth(first.shape), outputs)
  for (let i = 0; i < models.length; i++) (models[i] as PlainNetwork).inferRow(i, inputs, outputs)
}

export function createPlainKernel(): Kernel {
  return {
    name: 'plain',
    createNetwork: (shape, weights) => new PlainNetwork(shape, weights),
    createLinear: (outputs, inputs, weights) => new PlainLinear(outputs, inputs, weights),
    inferEach: (models, inputs, outputs) => inferEach(models.map(ownNetwork), inputs, outputs),
    applyEach: (models, inputs, outputs) => inferEach(models.map(ownLinear), inputs, outputs),
    createTrainer: (options) => new PlainTrainer(options),
    createRidge: (outputs, inputs) => new PlainRidge(outputs, inputs),
  }
}
