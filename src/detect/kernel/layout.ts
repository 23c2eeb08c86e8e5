/**
 * How networks and trainers lie in kernel memory: the host side of what assembly/*.ts describes. Offsets
 * and addresses are bytes.
 */

/** Rows the WASM side evaluates at once (BLOCK_ROWS in assembly/network.ts). */
export const BLOCK_ROWS = 32
/** Rows it widens at once for the normal equations (NORMAL_BLOCK in assembly/normal.ts). */
export const NORMAL_BLOCK = 32

const NETWORK_HEADER_WORDS = 4
const NETWORK_LAYER_WORDS = 4
const TRAINER_HEADER_WORDS = 12
const TRAINER_LAYER_WORDS = 4

export function pad4(width: number): number {
  return (width + 3) & ~3
}

export function pad8(width: number): number {
  return (width + 7) & ~7
}

/** Bytes of a padded row of activations. */
export function rowBytes(width: number): number {
  return pad8(width) * 4
}

/** One layer; `panels` and `bias` count from the start of the parameters. */
export interface LayerLayout {
  readonly inputs: number
  readonly outputs: number
  readonly panels: number
  readonly bias: number
}

export interface NetworkLayout {
  readonly layers: readonly LayerLayout[]
  /** Parameters including padding, in float32 numbers. */
  readonly parameters: number
  /** Offset of the parameters within the network block. */
  readonly parametersAt: number
  /** Bytes of the whole network block. */
  readonly bytes: number
  /** Bytes of BLOCK_ROWS padded rows of the widest layer. */
  readonly scratch: number
}

export function networkLayout(sizes: readonly number[]): NetworkLayout {
  const layers: LayerLayout[] = []
  let offset = 0
  let widest = 0
  for (let l = 1; l < sizes.length; l++) {
    const inputs = sizes[l - 1] ?? 0
    const outputs = sizes[l] ?? 0
    const bias = offset + pad4(inputs) * pad8(outputs) * 4
    layers.push({ inputs, outputs, panels: offset, bias })
    offset = bias + rowBytes(outputs)
    widest = Math.max(widest, outputs)
  }
  const header = (NETWORK_HEADER_WORDS + layers.length * NETWORK_LAYER_WORDS) * 4
  const parametersAt = Math.ceil(header / 64) * 64
  const scratch = BLOCK_ROWS * rowBytes(widest)
  return { layers, parameters: offset / 4, parametersAt, bytes: parametersAt + offset, scratch }
}

/** Writes the header words of a network block. */
export function writeNetworkHeader(u32: Uint32Array, address: number, layout: NetworkLayout, sigmoid: boolean): void {
  let word = address / 4
  u32[word] = layout.layers.length
  u32[word + 1] = sigmoid ? 1 : 0
  u32[word + 2] = address + layout.parametersAt
  word += NETWORK_HEADER_WORDS
  for (const layer of layout.layers) {
    u32[word] = layer.inputs
    u32[word + 1] = layer.outputs
    u32[word + 2] = layer.panels
    u32[word + 3] = layer.bias
    word += NETWORK_LAYER_WORDS
  }
}

/** Index of weight (output, input) within the float32 view, for parameters at `start` (an index as well). */
function weightIndex(layer: LayerLayout, start: number, output: number, input: number): number {
  return start + layer.panels / 4 + (output >> 3) * pad4(layer.inputs) * 8 + input * 8 + (output & 7)
}

/** Writes flat weights (per layer [out][in], then bias) as panels; padding is left as it is. */
export function packWeights(layout: NetworkLayout, flat: Float32Array, f32: Float32Array, address: number): void {
  const start = address / 4
  let at = 0
  for (const layer of layout.layers) {
    for (let o = 0; o < layer.outputs; o++) {
      let to = weightIndex(layer, start, o, 0)
      for (let i = 0; i < layer.inputs; i++, to += 8) f32[to] = flat[at++] as number
    }
    const bias = start + layer.bias / 4
    for (let o = 0; o < layer.outputs; o++) f32[bias + o] = flat[at++] as number
  }
}

/** The reverse of `packWeights`. */
export function unpackWeights(layout: NetworkLayout, f32: Float32Array, address: number, flat: Float32Array): void {
  const start = address / 4
  let at = 0
  for (const layer of layout.layers) {
    for (let o = 0; o < layer.outputs; o++) {
      let from = weightIndex(layer, start, o, 0)
      for (let i = 0; i < layer.inputs; i++, from += 8) flat[at++] = f32[from] as number
    }
    const bias = start + layer.bias / 4
    for (let o = 0; o < layer.outputs; o++) flat[at++] = f32[bias + o] as number
  }
}

/** Writes an unpadded matrix [rows][width] as padded rows; padding is left as it is. */
export function packRows(matrix: Float32Array, rows: number, width: number, f32: Float32Array, address: number): void {
  const step = pad8(width)
  let to = address / 4
  if (step === width) {
    f32.set(matrix, to)
    return
  }
  for (let r = 0; r < rows; r++, to += step) {
    for (let j = 0; j < width; j++) f32[to + j] = matrix[r * width + j] as number
  }
}

/** Where the parts of a trainer lie, counted from the start of its block. */
export interface TrainerLayout {
  readonly network: number
  readonly gradient: number
  readonly first: number
  readonly second: number
  readonly inputs: number
  readonly targets: number
  readonly batchInputs: number
  readonly batchTargets: number
  readonly layers: readonly { readonly activations: number; readonly deltas: number; readonly transposed: number }[]
  readonly bytes: number
}

/** `shared`: the targets are the inputs and need no room of their own. */
export function trainerLayout(network: NetworkLayout, rows: number, batch: number, shared: boolean): TrainerLayout {
  let end = 0
  const reserve = (bytes: number): number => {
    const start = end
    end += Math.ceil(bytes / 64) * 64
    return start
  }
  const inputRow = rowBytes(network.layers[0]?.inputs ?? 0)
  const targetRow = rowBytes(network.layers[network.layers.length - 1]?.outputs ?? 0)
  reserve((TRAINER_HEADER_WORDS + network.layers.length * TRAINER_LAYER_WORDS) * 4)
  const parts = {
    network: reserve(network.bytes),
    gradient: reserve(network.parameters * 4),
    first: reserve(network.parameters * 4),
    second: reserve(network.parameters * 4),
    batchInputs: reserve(batch * inputRow),
    batchTargets: reserve(batch * targetRow),
    layers: network.layers.map((layer) => ({
      activations: reserve(batch * rowBytes(layer.outputs)),
      deltas: reserve(batch * rowBytes(layer.outputs)),
      transposed: reserve(pad8(layer.inputs) * pad8(layer.outputs) * 4),
    })),
  }
  const inputs = reserve(rows * inputRow)
  const targets = shared ? inputs : reserve(rows * targetRow)
  return { ...parts, inputs, targets, bytes: end }
}

/** Writes the header words of a trainer block (network block excepted). */
export function writeTrainerHeader(u32: Uint32Array, address: number, layout: TrainerLayout, parameters: number): void {
  const { network, gradient, first, second, inputs, targets, batchInputs, batchTargets } = layout
  let word = address / 4
  u32[word] = address + network
  u32[word + 1] = parameters
  for (const [i, part] of [gradient, first, second, inputs, targets, batchInputs, batchTargets].entries()) {
    u32[word + 2 + i] = address + part
  }
  word += TRAINER_HEADER_WORDS
  for (const layer of layout.layers) {
    u32[word] = address + layer.activations
    u32[word + 1] = address + layer.deltas
    u32[word + 2] = address + layer.transposed
    word += TRAINER_LAYER_WORDS
  }
}
