// One minibatch of backpropagation with Adam.
//
// Trainer block (32-bit words, written by the host side, see ../layout.ts):
//   0 network block   1 number of parameters (floats, padding included)   2 gradient   3 first moments
//   4 second moments  5 data: inputs [rows][pad8]   6 data: targets [rows][pad8]
//   7 batch inputs [batch][pad8]   8 batch targets [batch][pad8]   9..11 unused
//   then per layer    activations [batch][pad8(outputs)], deltas (same shape), transposed weights, unused
// Gradient and moments are laid out like the parameters. Padding rows and columns only ever meet zeros, so
// their gradients are zero and Adam leaves them at zero.
import { sigmoidInPlace } from './activation'
import {
  biasOffset,
  forwardLayer,
  isSigmoid,
  layerAt,
  layerCount,
  layerInputs,
  layerOutputs,
  panelsOffset,
  parameters,
} from './network'
import { outer4x8, PANEL_ROW, pad4, pad8, tile1x8, tile4x8, ZEROS } from './tiles'

const HEADER: usize = 48
const STATE: usize = 16
/** Adam moments below this become 0: decaying averages would otherwise linger among slow denormals. */
const NEGLIGIBLE: f32 = 1e-30

function networkOf(trainer: usize): usize {
  return load<u32>(trainer)
}

function activationsAt(trainer: usize, layer: u32): usize {
  return load<u32>(trainer + HEADER + <usize>layer * STATE)
}

function deltasAt(trainer: usize, layer: u32): usize {
  return load<u32>(trainer + HEADER + <usize>layer * STATE, 4)
}

function transposedAt(trainer: usize, layer: u32): usize {
  return load<u32>(trainer + HEADER + <usize>layer * STATE, 8)
}

function rowBytes(width: u32): usize {
  return (<usize>pad8(width)) << 2
}

/** Copies the rows named by `indices` (u32) out of a padded matrix. */
function gatherRows(data: usize, row: usize, indices: usize, rows: u32, to: usize): void {
  for (let r: u32 = 0; r < rows; r++) {
    const from = data + <usize>load<u32>(indices + ((<usize>r) << 2)) * row
    for (let j: usize = 0; j < row; j += 32) {
      v128.store(to + j, v128.load(from + j))
      v128.store(to + j, v128.load(from + j, 16), 16)
    }
    to += row
  }
}

/** sigmoid(0) = 0.5 would turn up in the padding columns and count as an error there. */
function clearPadding(matrix: usize, width: u32, rows: u32): void {
  const row = rowBytes(width)
  for (let r: u32 = 0; r < rows; r++) {
    for (let j = (<usize>width) << 2; j < row; j += 4) store<f32>(matrix + j, 0)
    matrix += row
  }
}

/** Fills the activations of every layer for padded input rows. */
function forward(trainer: usize, input: usize, rows: u32): void {
  const network = networkOf(trainer)
  const layers = layerCount(network)
  const base = parameters(network)
  let from = input
  for (let l: u32 = 0; l < layers; l++) {
    const layer = layerAt(network, l)
    const to = activationsAt(trainer, l)
    const width = layerOutputs(layer)
    forwardLayer(base, layer, from, rowBytes(layerInputs(layer)), rows, l + 1 < layers, to, rowBytes(width))
    from = to
  }
  if (!isSigmoid(network)) return
  const width = layerOutputs(layerAt(network, layers - 1))
  sigmoidInPlace(from, rows * pad8(width))
  if (width & 7) clearPadding(from, width, rows)
}

/** Horizontal sum in float64. */
function sum4(x: v128): f64 {
  return (
    <f64>f32x4.extract_lane(x, 0) +
    <f64>f32x4.extract_lane(x, 1) +
    (<f64>f32x4.extract_lane(x, 2) + <f64>f32x4.extract_lane(x, 3))
  )
}

/** Sum of squared differences between the output activations and `target`. */
function squaredError(trainer: usize, target: usize, rows: u32): f64 {
  const network = networkOf(trainer)
  const last = layerCount(network) - 1
  const row = rowBytes(layerOutputs(layerAt(network, last)))
  let y = activationsAt(trainer, last)
  let total: f64 = 0
  for (let r: u32 = 0; r < rows; r++) {
    let sum = f32x4.splat(0)
    for (let j: usize = 0; j < row; j += 16) {
      const error = f32x4.sub(v128.load(y + j), v128.load(target + j))
      sum = f32x4.add(sum, f32x4.mul(error, error))
    }
    total += sum4(sum)
    y += row
    target += row
  }
  return total
}

/** Deltas of the output layer: scale * (y - t), times y (1 - y) behind a sigmoid. */
function outputDeltas(trainer: usize, target: usize, rows: u32, scale: f32): void {
  const network = networkOf(trainer)
  const last = layerCount(network) - 1
  const bytes = <usize>rows * rowBytes(layerOutputs(layerAt(network, last)))
  const outputs = activationsAt(trainer, last)
  const deltas = deltasAt(trainer, last)
  const sigmoid = isSigmoid(network)
  const factor = f32x4.splat(scale)
  const one = f32x4.splat(1)
  for (let j: usize = 0; j < bytes; j += 16) {
    const y = v128.load(outputs + j)
    let delta = f32x4.mul(f32x4.sub(y, v128.load(target + j)), factor)
    if (sigmoid) delta = f32x4.mul(delta, f32x4.mul(y, f32x4.sub(one, y)))
    v128.store(deltas + j, delta)
  }
}

/** Gradient panels of one layer: sum over the batch of input activation (outer product) delta. */
function weightGradient(layer: usize, gradient: usize, input: usize, deltas: usize, rows: u32): void {
  const inputRow = rowBytes(layerInputs(layer))
  const deltaRow = rowBytes(layerOutputs(layer))
  const depthBytes = (<usize>pad4(layerInputs(layer))) << 2
  let to = gradient + panelsOffset(layer)
  for (let at: usize = 0; at < deltaRow; at += PANEL_ROW) {
    for (let k: usize = 0; k < depthBytes; k += 16) {
      outer4x8(input + k, inputRow, deltas + at, deltaRow, rows, to)
      to += 4 * PANEL_ROW
    }
  }
}

function biasGradient(layer: usize, gradient: usize, deltas: usize, rows: u32): void {
  const row = rowBytes(layerOutputs(layer))
  const to = gradient + biasOffset(layer)
  for (let at: usize = 0; at < row; at += 16) {
    let sum = f32x4.splat(0)
    let from = deltas + at
    for (let r: u32 = 0; r < rows; r++) {
      sum = f32x4.add(sum, v128.load(from))
      from += row
    }
    v128.store(to + at, sum)
  }
}

/** Transposes 4 rows (`rowStride` apart) of 4 numbers into 4 rows (PANEL_ROW apart). */
function transpose4x4(from: usize, rowStride: usize, to: usize): void {
  const a = v128.load(from)
  const b = v128.load(from + rowStride)
  const c = v128.load(from + 2 * rowStride)
  const d = v128.load(from + 3 * rowStride)
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5))
  v128.store(to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 32)
  v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5), 64)
  v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7), 96)
}

/**
 * Weights of one layer with inputs and outputs exchanged: panels of 8 inputs, [pad8(outputs)][8] each.
 * Once per batch, so that the deltas can flow back through the same fast tile as the forward pass.
 * An odd group of 4 inputs leaves the upper half of its panel alone; the host has zeroed it.
 */
function transposeWeights(base: usize, layer: usize, to: usize): void {
  const depth = pad4(layerInputs(layer))
  const columns = pad8(layerOutputs(layer))
  const panelBytes = <usize>depth * PANEL_ROW
  const transposedBytes = <usize>columns * PANEL_ROW
  const panels = base + panelsOffset(layer)
  for (let k: u32 = 0; k < depth; k += 4) {
    const column = to + <usize>(k >> 3) * transposedBytes + <usize>(k & 4) * 4
    for (let j: u32 = 0; j < columns; j += 4) {
      const from = panels + <usize>(j >> 3) * panelBytes + <usize>k * PANEL_ROW + <usize>(j & 4) * 4
      transpose4x4(from, PANEL_ROW, column + <usize>j * PANEL_ROW)
    }
  }
}

/** Deltas before a layer = (deltas after it * its transposed weights), where the ReLU was open. */
function backwardLayer(
  layer: usize,
  transposed: usize,
  after: usize,
  activations: usize,
  before: usize,
  rows: u32,
): void {
  const depth = layerOutputs(layer)
  const afterRow = rowBytes(depth)
  const beforeRow = rowBytes(layerInputs(layer))
  const panelBytes = <usize>pad8(depth) * PANEL_ROW
  let panel = transposed
  for (let at: usize = 0; at < beforeRow; at += PANEL_ROW) {
    let r: u32 = 0
    for (; r + 4 <= rows; r += 4) {
      tile4x8(
        after + <usize>r * afterRow,
        afterRow,
        depth,
        panel,
        ZEROS,
        false,
        before + <usize>r * beforeRow + at,
        beforeRow,
      )
    }
    for (; r < rows; r++) {
      tile1x8(after + <usize>r * afterRow, depth, panel, ZEROS, false, before + <usize>r * beforeRow + at)
    }
    panel += panelBytes
  }
  const zero = f32x4.splat(0)
  for (let j: usize = 0; j < <usize>rows * beforeRow; j += 16) {
    const open = f32x4.gt(v128.load(activations + j), zero)
    v128.store(before + j, v128.and(v128.load(before + j), open))
  }
}

/** Fills the gradient from the deltas of the output layer, last layer first. */
function backward(trainer: usize, input: usize, rows: u32): void {
  const network = networkOf(trainer)
  const base = parameters(network)
  const gradient = <usize>load<u32>(trainer, 8)
  for (let l = layerCount(network) - 1; ; l--) {
    const layer = layerAt(network, l)
    const deltas = deltasAt(trainer, l)
    const before = l ? activationsAt(trainer, l - 1) : input
    weightGradient(layer, gradient, before, deltas, rows)
    biasGradient(layer, gradient, deltas, rows)
    if (!l) return
    transposeWeights(base, layer, transposedAt(trainer, l))
    backwardLayer(layer, transposedAt(trainer, l), deltas, before, deltasAt(trainer, l - 1), rows)
  }
}

/** Keeps a moment unless its size is negligible; NaN is kept. */
function settle(moment: v128): v128 {
  return v128.andnot(moment, f32x4.lt(f32x4.abs(moment), f32x4.splat(NEGLIGIBLE)))
}

/**
 * Adam: m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2,
 * w -= step * m / (sqrt(correction2 * v) + epsilon), with step = rate / (1 - beta1^t) and
 * correction2 = 1 / (1 - beta2^t) computed by the host.
 */
function adam(
  trainer: usize,
  step: f32,
  beta1: f32,
  beta2: f32,
  rest1: f32,
  rest2: f32,
  correction2: f32,
  epsilon: f32,
): void {
  const weights = parameters(networkOf(trainer))
  const bytes = (<usize>load<u32>(trainer, 4)) << 2
  const gradient = <usize>load<u32>(trainer, 8)
  const first = <usize>load<u32>(trainer, 12)
  const second = <usize>load<u32>(trainer, 16)
  const keep1 = f32x4.splat(beta1)
  const add1 = f32x4.splat(rest1)
  const keep2 = f32x4.splat(beta2)
  const add2 = f32x4.splat(rest2)
  for (let j: usize = 0; j < bytes; j += 16) {
    const g = v128.load(gradient + j)
    const m = settle(f32x4.add(f32x4.mul(keep1, v128.load(first + j)), f32x4.mul(add1, g)))
    const v = settle(f32x4.add(f32x4.mul(keep2, v128.load(second + j)), f32x4.mul(add2, f32x4.mul(g, g))))
    const size = f32x4.add(f32x4.sqrt(f32x4.mul(v, f32x4.splat(correction2))), f32x4.splat(epsilon))
    const move = f32x4.div(f32x4.mul(m, f32x4.splat(step)), size)
    v128.store(first + j, m)
    v128.store(second + j, v)
    v128.store(weights + j, f32x4.sub(v128.load(weights + j), move))
  }
}

/**
 * Forward, backward and one Adam step on the rows named by `indices` (u32, at most the batch size).
 * `scale` is 2 / (rows * outputs). Returns the sum of squared errors before the step.
 */
export function trainBatch(
  trainer: usize,
  indices: usize,
  rows: u32,
  scale: f32,
  step: f32,
  beta1: f32,
  beta2: f32,
  rest1: f32,
  rest2: f32,
  correction2: f32,
  epsilon: f32,
): f64 {
  const network = networkOf(trainer)
  const inputRow = rowBytes(layerInputs(layerAt(network, 0)))
  const targetRow = rowBytes(layerOutputs(layerAt(network, layerCount(network) - 1)))
  const input = <usize>load<u32>(trainer, 28)
  const target = <usize>load<u32>(trainer, 32)
  gatherRows(load<u32>(trainer, 20), inputRow, indices, rows, input)
  gatherRows(load<u32>(trainer, 24), targetRow, indices, rows, target)
  forward(trainer, input, rows)
  const loss = squaredError(trainer, target, rows)
  outputDeltas(trainer, target, rows, scale)
  backward(trainer, input, rows)
  adam(trainer, step, beta1, beta2, rest1, rest2, correction2, epsilon)
  return loss
}

/** Sum of squared errors over `rows` consecutive data rows (at most the batch size); changes nothing. */
export function lossOfRows(trainer: usize, firstRow: u32, rows: u32): f64 {
  const network = networkOf(trainer)
  const inputRow = rowBytes(layerInputs(layerAt(network, 0)))
  const targetRow = rowBytes(layerOutputs(layerAt(network, layerCount(network) - 1)))
  forward(trainer, <usize>load<u32>(trainer, 20) + <usize>firstRow * inputRow, rows)
  return squaredError(trainer, <usize>load<u32>(trainer, 24) + <usize>firstRow * targetRow, rows)
}
