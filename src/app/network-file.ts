import type { Kernel, Network, NetworkShape } from '../detect/kernel/kernel.ts'
import type { ModelFile } from '../domain/model-file.ts'
import { type Tensor, tensorOf } from '../domain/tensors.ts'
import { type ImportedModel, readTflite } from '../store/tflite/read.ts'
import type { FittedTarget } from '../train/fit.ts'
import { fromModelFile } from '../train/model-codec.ts'

/** A network that is run as its TensorFlow Lite file says, because our kernel has no layers that would compute it. */
export interface NetworkFile {
  readonly bytes: Uint8Array
  /** By feature of ours: its place among the file's inputs and outputs. */
  readonly order: Int32Array
}

const BYTES = 'network_file'
const SIZE = 'network_size'
const ORDER = 'network_order'

/** A network file as tensors of a model; pairs of bytes, because there are no tensors of single ones. */
export function networkTensors({ bytes, order }: NetworkFile): Record<string, Tensor> {
  const pairs = new Uint16Array(Math.ceil(bytes.length / 2))
  new Uint8Array(pairs.buffer).set(bytes)
  return { [BYTES]: pairs, [SIZE]: Int32Array.of(bytes.length), [ORDER]: order }
}

/** @returns undefined for a model whose network is of our own layers */
export function networkFileOf({ tensors }: Pick<ModelFile, 'tensors'>): NetworkFile | undefined {
  if (tensors[BYTES] === undefined) return undefined
  const pairs = tensorOf(tensors, BYTES, Uint16Array)
  const [size] = tensorOf(tensors, SIZE, Int32Array)
  return {
    bytes: new Uint8Array(pairs.buffer, pairs.byteOffset, pairs.byteLength).subarray(0, size),
    order: tensorOf(tensors, ORDER, Int32Array),
  }
}

/**
 * The models of a file, by target id, whatever their network is made of.
 *
 * @param kernel one that runs network files, see `withNetworkFiles`
 * @throws {RangeError} when a part is missing; {TfliteError} when the network in it is damaged
 */
export function openModel(file: ModelFile, kernel: Kernel): ReadonlyMap<string, FittedTarget> {
  const network = networkFileOf(file)
  if (network === undefined) return fromModelFile(file, kernel)
  return fromModelFile(file, { ...kernel, createNetwork: (shape) => openNetworkFile(network, shape) })
}

/**
 * @param shape how the network stands among our own: its inputs may be more than the file reads, the reading first
 * @throws {TfliteError} when the file cannot be run; {RangeError} when it does not fit the shape
 */
export function openNetworkFile({ bytes, order }: NetworkFile, shape: NetworkShape): Network {
  const model = readTflite(bytes)
  const [inputs] = shape.sizes
  if (model.outputs !== order.length || model.outputs !== shape.sizes.at(-1) || model.inputs > inputs) {
    throw new RangeError(`the network file is ${model.inputs} → ${model.outputs}, not ${shape.sizes.join('-')}`)
  }
  return new FileNetwork(model, shape, order)
}

/** The kernel beside networks that it cannot compute: they take their rows in the same call as its own. */
export function withNetworkFiles(kernel: Kernel): Kernel {
  return {
    ...kernel,
    inferEach(models, inputs, outputs) {
      if (!models.some((model) => model instanceof FileNetwork)) return kernel.inferEach(models, inputs, outputs)
      const rows = [...models.keys()]
      const own = rows.filter((row) => !(models[row] instanceof FileNetwork))
      const widthIn = inputs.length / models.length
      const widthOut = outputs.length / models.length
      const rowOf = (matrix: Float32Array, row: number, width: number) =>
        matrix.subarray(row * width, (row + 1) * width)
      if (own.length > 0) {
        const ownIn = new Float32Array(own.length * widthIn)
        const ownOut = new Float32Array(own.length * widthOut)
        for (const [i, row] of own.entries()) ownIn.set(rowOf(inputs, row, widthIn), i * widthIn)
        kernel.inferEach(
          own.map((row) => models[row]),
          ownIn,
          ownOut,
        )
        for (const [i, row] of own.entries()) outputs.set(rowOf(ownOut, i, widthOut), row * widthOut)
      }
      for (const row of rows) {
        const model = models[row]
        if (!(model instanceof FileNetwork)) continue
        model.infer(1, rowOf(inputs, row, widthIn), rowOf(outputs, row, widthOut))
      }
    },
  }
}

class FileNetwork implements Network {
  readonly shape: NetworkShape
  #model: ImportedModel | undefined
  readonly #order: Int32Array
  /** By input of the file: the place of ours that it reads. */
  readonly #from: Int32Array

  constructor(model: ImportedModel, shape: NetworkShape, order: Int32Array) {
    this.shape = shape
    this.#model = model
    this.#order = order
    const width = order.length
    this.#from = new Int32Array(model.inputs)
    for (let group = 0; group < model.inputs; group += width) {
      for (let f = 0; f < width; f++) this.#from[group + order[f]] = group + f
    }
  }

  infer(rows: number, inputs: Float32Array, outputs: Float32Array): void {
    const model = this.#model
    if (model === undefined) throw new RangeError('the network was disposed of')
    const width = this.#order.length
    const ours = this.shape.sizes[0]
    const theirs = new Float32Array(rows * model.inputs)
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < model.inputs; i++) theirs[row * model.inputs + i] = inputs[row * ours + this.#from[i]]
    }
    const results = model.infer(rows, theirs)
    for (let row = 0; row < rows * width; row += width) {
      for (let f = 0; f < width; f++) outputs[row + f] = results[row + this.#order[f]]
    }
  }

  /** None: what it computes with stands in its file. */
  weights(): Float32Array {
    return new Float32Array(0)
  }

  dispose(): void {
    this.#model = undefined
  }
}
