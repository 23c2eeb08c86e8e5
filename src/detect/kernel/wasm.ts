/**
 * The kernel on WebAssembly SIMD. This side owns the memory (see arena.ts), packs weights and rows into
 * the layout of assembly/*.ts, and checks arguments; the WASM side only computes.
 */
import { AdamSchedule } from './adam.ts'
import { Arena, type Block } from './arena.ts'
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
import {
  type Kernel,
  type Linear,
  type Network,
  type NetworkShape,
  type Ridge,
  type Trainer,
  type TrainerOptions,
  weightCount,
} from './kernel.ts'
import {
  BLOCK_ROWS,
  type NetworkLayout,
  NORMAL_BLOCK,
  networkLayout,
  packRows,
  packWeights,
  pad4,
  type TrainerLayout,
  trainerLayout,
  unpackWeights,
  writeNetworkHeader,
  writeTrainerHeader,
} from './layout.ts'

/** Matrices larger than this many float32 numbers cross in pieces, which then stay in the L2 cache. */
const PIECE = 65_536

/** Memory in use, for metrics and tests; bytes. */
export interface KernelMemory {
  readonly used: number
  readonly size: number
}

export interface WasmKernel extends Kernel {
  memory(): KernelMemory
}

/** What assembly/index.ts exports; addresses, counts and strides are u32, as in its docs. */
interface Exports {
  readonly memory: WebAssembly.Memory
  heapBase(): number
  inferRows(network: number, input: number, output: number, rows: number, scratch: number, bytes: number): void
  inferEach(networks: number, count: number, input: number, output: number, scratch: number, bytes: number): void
  trainBatch(
    trainer: number,
    indices: number,
    rows: number,
    scale: number,
    step: number,
    beta1: number,
    beta2: number,
    rest1: number,
    rest2: number,
    correction2: number,
    epsilon: number,
  ): number
  lossOfRows(trainer: number, firstRow: number, rows: number): number
  addNormal(x: number, y: number, rows: number, inputs: number, outputs: number, z: number, g: number): void
}

/** Reusable room for data on its way in or out; grows as needed, never shrinks. */
class Staging {
  readonly #arena: Arena
  #block: Block
  #view: Float32Array<ArrayBufferLike> = new Float32Array(0)

  constructor(arena: Arena) {
    this.#arena = arena
    this.#block = arena.allocate(0)
  }

  /** Makes room for `bytes`; call for every area in use before asking for any address. */
  reserve(bytes: number): void {
    if (bytes <= this.#block.bytes) return
    const grown = this.#arena.allocate(Math.max(bytes, 2 * this.#block.bytes))
    this.#arena.release(this.#block)
    this.#block = grown
  }

  get address(): number {
    return this.#block.address
  }

  get bytes(): number {
    return this.#block.bytes
  }

  /** Copies numbers `from` .. `from + count` of a matrix in. */
  write(matrix: Float32Array, from: number, count: number): void {
    const whole = count === matrix.length
    this.#arena.f32.set(whole ? matrix : matrix.subarray(from, from + count), this.address / 4)
  }

  /** Copies the first `count` numbers out to `from` of a matrix. */
  read(matrix: Float32Array, from: number, count: number): void {
    matrix.set(this.#numbers(count), from)
  }

  /** The first `count` numbers; kept for the next call, as the same size mostly comes again. */
  #numbers(count: number): Float32Array {
    const { buffer } = this.#arena.f32
    const view = this.#view
    if (view.buffer !== buffer || view.byteOffset !== this.address || view.length !== count) {
      this.#view = new Float32Array(buffer, this.address, count)
    }
    return this.#view
  }
}

/** What all models of one kernel share. */
class Host {
  readonly exports: Exports
  readonly arena: Arena
  readonly inputs: Staging
  readonly outputs: Staging
  readonly indices: Staging
  /** Two activation areas of half its size each. */
  readonly scratch: Staging

  constructor(exports: Exports) {
    this.exports = exports
    this.arena = new Arena(exports.memory, exports.heapBase())
    this.inputs = new Staging(this.arena)
    this.outputs = new Staging(this.arena)
    this.indices = new Staging(this.arena)
    this.scratch = new Staging(this.arena)
  }
}

/** Memory with an owner: released once, refused afterwards. */
class Owned {
  readonly #arena: Arena
  readonly #what: string
  #block: Block | undefined

  constructor(arena: Arena, what: string, bytes: number) {
    this.#arena = arena
    this.#what = what
    this.#block = arena.allocate(bytes)
  }

  get address(): number {
    if (this.#block === undefined) throw new Error(`this ${this.#what} has been disposed`)
    return this.#block.address
  }

  release(): void {
    if (this.#block !== undefined) this.#arena.release(this.#block)
    this.#block = undefined
  }
}

class WasmNetwork implements Network {
  readonly shape: NetworkShape
  readonly host: Host
  readonly #layout: NetworkLayout
  readonly #owned: Owned

  constructor(host: Host, shape: NetworkShape, weights: Float32Array) {
    this.shape = checkedShape(shape)
    checkWeights(this.shape, weights)
    this.host = host
    this.#layout = networkLayout(this.shape.sizes)
    host.scratch.reserve(2 * this.#layout.scratch)
    this.#owned = new Owned(host.arena, 'model', this.#layout.bytes)
    const { address } = this.#owned
    writeNetworkHeader(host.arena.u32, address, this.#layout, this.shape.output === 'sigmoid')
    packWeights(this.#layout, weights, host.arena.f32, address + this.#layout.parametersAt)
  }

  /** Address of the network block; throws once disposed. */
  get address(): number {
    return this.#owned.address
  }

  infer(rows: number, inputs: Float32Array, outputs: Float32Array): void {
    const { address, host } = this
    const inputWidth = firstWidth(this.shape)
    const outputWidth = lastWidth(this.shape)
    checkMatrix('inputs', rows, inputWidth, inputs)
    checkMatrix('outputs', rows, outputWidth, outputs)
    const piece = pieceRows(rows, Math.max(inputWidth, outputWidth))
    host.inputs.reserve(piece * inputWidth * 4)
    host.outputs.reserve(piece * outputWidth * 4)
    const half = host.scratch.bytes / 2
    for (let row = 0; row < rows; row += piece) {
      const count = Math.min(piece, rows - row)
      host.inputs.write(inputs, row * inputWidth, count * inputWidth)
      host.exports.inferRows(address, host.inputs.address, host.outputs.address, count, host.scratch.address, half)
      host.outputs.read(outputs, row * outputWidth, count * outputWidth)
    }
  }

  weights(): Float32Array {
    const flat = new Float32Array(weightCount(this.shape.sizes))
    unpackWeights(this.#layout, this.host.arena.f32, this.address + this.#layout.parametersAt, flat)
    return flat
  }

  dispose(): void {
    this.#owned.release()
  }
}

/** Rows per crossing: all of them where they are few, else whole blocks of about PIECE numbers. */
function pieceRows(rows: number, width: number): number {
  const most = Math.max(1, Math.floor(PIECE / width / BLOCK_ROWS)) * BLOCK_ROWS
  return Math.min(rows, most)
}

/** A linear model is a network of one layer with zero bias. */
class WasmLinear implements Linear {
  readonly outputs: number
  readonly inputs: number
  readonly network: WasmNetwork

  constructor(host: Host, outputs: number, inputs: number, weights: Float32Array) {
    checkWidth('outputs', outputs)
    checkWidth('inputs', inputs)
    checkLength('weights', weights, outputs * inputs)
    const withBias = new Float32Array((inputs + 1) * outputs)
    withBias.set(weights)
    this.outputs = outputs
    this.inputs = inputs
    this.network = new WasmNetwork(host, { sizes: [inputs, outputs], output: 'linear' }, withBias)
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

class WasmTrainer implements Trainer {
  readonly shape: NetworkShape
  readonly #host: Host
  readonly #settings: TrainerSettings
  readonly #schedule: AdamSchedule
  readonly #network: NetworkLayout
  readonly #layout: TrainerLayout
  readonly #owned: Owned

  constructor(host: Host, options: TrainerOptions) {
    const settings = trainerSettings(options)
    const { shape, rows, targets } = settings
    this.shape = shape
    this.#host = host
    this.#settings = settings
    this.#schedule = new AdamSchedule(settings)
    this.#network = networkLayout(shape.sizes)
    const shared = targets === options.inputs
    this.#layout = trainerLayout(this.#network, rows, settings.batch, shared)
    this.#owned = new Owned(host.arena, 'trainer', this.#layout.bytes)
    this.#writeHeaders()
    const { f32 } = host.arena
    const { address } = this.#owned
    packWeights(this.#network, options.weights, f32, this.#parametersAddress())
    packRows(options.inputs, rows, firstWidth(shape), f32, address + this.#layout.inputs)
    if (!shared) packRows(targets, rows, lastWidth(shape), f32, address + this.#layout.targets)
  }

  epoch(permutation: Uint32Array): number {
    const { address } = this.#owned
    const { rows, batch } = this.#settings
    const { indices, arena } = this.#host
    checkPermutation(permutation, rows)
    indices.reserve(permutation.length * 4)
    arena.u32.set(permutation, indices.address / 4)
    let total = 0
    for (let start = 0; start < permutation.length; start += batch) {
      const count = Math.min(batch, permutation.length - start)
      total += this.#trainBatch(address, indices.address + start * 4, count)
    }
    return total / (permutation.length * lastWidth(this.shape))
  }

  loss(from: number, to: number): number {
    const { address } = this.#owned
    const { rows, batch } = this.#settings
    checkRange(from, to, rows)
    let total = 0
    for (let row = from; row < to; row += batch) {
      total += this.#host.exports.lossOfRows(address, row, Math.min(batch, to - row))
    }
    return total / ((to - from) * lastWidth(this.shape))
  }

  weights(): Float32Array {
    const flat = new Float32Array(weightCount(this.shape.sizes))
    unpackWeights(this.#network, this.#host.arena.f32, this.#parametersAddress(), flat)
    return flat
  }

  dispose(): void {
    this.#owned.release()
  }

  #writeHeaders(): void {
    const { u32 } = this.#host.arena
    const { address } = this.#owned
    const sigmoid = this.shape.output === 'sigmoid'
    writeNetworkHeader(u32, address + this.#layout.network, this.#network, sigmoid)
    writeTrainerHeader(u32, address, this.#layout, this.#network.parameters)
  }

  #parametersAddress(): number {
    return this.#owned.address + this.#layout.network + this.#network.parametersAt
  }

  /** Sum of squared errors of one batch, before the step it takes. */
  #trainBatch(address: number, indices: number, rows: number): number {
    const { beta1, beta2, epsilon } = this.#settings
    this.#schedule.next()
    return this.#host.exports.trainBatch(
      address,
      indices,
      rows,
      2 / (rows * lastWidth(this.shape)),
      this.#schedule.stepSize,
      beta1,
      beta2,
      1 - beta1,
      1 - beta2,
      this.#schedule.correction2,
      epsilon,
    )
  }
}

class WasmRidge implements Ridge {
  readonly outputs: number
  readonly inputs: number
  readonly #host: Host
  readonly #owned: Owned
  /** Columns of the sums and of the row buffer, padded. */
  readonly #stride: number

  constructor(host: Host, outputs: number, inputs: number) {
    checkWidth('outputs', outputs)
    checkWidth('inputs', inputs)
    this.outputs = outputs
    this.inputs = inputs
    this.#host = host
    this.#stride = pad4(inputs + outputs)
    this.#owned = new Owned(host.arena, 'regression', (NORMAL_BLOCK + pad4(inputs)) * this.#stride * 8)
  }

  add(rows: number, x: Float32Array, y: Float32Array): void {
    const buffer = this.#owned.address
    checkMatrix('x', rows, this.inputs, x)
    checkMatrix('y', rows, this.outputs, y)
    const { inputs, outputs, exports } = this.#host
    const piece = pieceRows(rows, Math.max(this.inputs, this.outputs))
    inputs.reserve(piece * this.inputs * 4)
    outputs.reserve(piece * this.outputs * 4)
    for (let row = 0; row < rows; row += piece) {
      const count = Math.min(piece, rows - row)
      inputs.write(x, row * this.inputs, count * this.inputs)
      outputs.write(y, row * this.outputs, count * this.outputs)
      const sums = this.#sumsAddress()
      exports.addNormal(inputs.address, outputs.address, count, this.inputs, this.outputs, buffer, sums)
    }
  }

  solve(lambda: number): Float32Array {
    const start = this.#sumsAddress() / 8
    checkLambda(lambda)
    const sums = this.#host.arena.f64.subarray(start, start + this.inputs * this.#stride)
    return solveNormal(sums, this.#stride, this.inputs, this.outputs, lambda)
  }

  dispose(): void {
    this.#owned.release()
  }

  #sumsAddress(): number {
    return this.#owned.address + NORMAL_BLOCK * this.#stride * 8
  }
}

/** Puts the addresses of the models into the index area; throws unless they belong here and fit together. */
function stageModels<M>(
  host: Host,
  models: readonly M[],
  networkOf: (model: M) => WasmNetwork,
): NetworkShape | undefined {
  host.indices.reserve(models.length * 4)
  const list = host.indices.address / 4
  const { u32 } = host.arena
  let first: NetworkShape | undefined
  for (let i = 0; i < models.length; i++) {
    const network = networkOf(models[i] as M)
    if (network.host !== host) throw new TypeError('a model of another kernel')
    first ??= network.shape
    checkSameWidths(first, network.shape)
    u32[list + i] = network.address
  }
  return first
}

function ownNetwork(model: Network): WasmNetwork {
  if (!(model instanceof WasmNetwork)) throw new TypeError('a model of another kernel')
  return model
}

function ownLinear(model: Linear): WasmNetwork {
  if (!(model instanceof WasmLinear)) throw new TypeError('a model of another kernel')
  return model.network
}

function evaluateEach<M>(
  host: Host,
  models: readonly M[],
  networkOf: (model: M) => WasmNetwork,
  inputs: Float32Array,
  outputs: Float32Array,
): void {
  const shape = stageModels(host, models, networkOf)
  checkMatrix('inputs', models.length, shape === undefined ? 0 : firstWidth(shape), inputs)
  checkMatrix('outputs', models.length, shape === undefined ? 0 : lastWidth(shape), outputs)
  host.inputs.reserve(inputs.length * 4)
  host.outputs.reserve(outputs.length * 4)
  host.inputs.write(inputs, 0, inputs.length)
  host.exports.inferEach(
    host.indices.address,
    models.length,
    host.inputs.address,
    host.outputs.address,
    host.scratch.address,
    host.scratch.bytes / 2,
  )
  host.outputs.read(outputs, 0, outputs.length)
}

/** `module`: the compiled kernel.wasm. Each call makes a kernel with a memory of its own. */
export function createWasmKernel(module: WebAssembly.Module): WasmKernel {
  const instance = new WebAssembly.Instance(module, {})
  const host = new Host(instance.exports as unknown as Exports)
  return {
    name: 'wasm-simd',
    createNetwork: (shape, weights) => new WasmNetwork(host, shape, weights),
    createLinear: (outputs, inputs, weights) => new WasmLinear(host, outputs, inputs, weights),
    inferEach: (models, inputs, outputs) => evaluateEach(host, models, ownNetwork, inputs, outputs),
    applyEach: (models, inputs, outputs) => evaluateEach(host, models, ownLinear, inputs, outputs),
    createTrainer: (options) => new WasmTrainer(host, options),
    createRidge: (outputs, inputs) => new WasmRidge(host, outputs, inputs),
    memory: () => ({ used: host.arena.used, size: host.arena.size }),
  }
}
