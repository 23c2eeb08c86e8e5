// Evaluation of resident networks.
//
// Network block (32-bit words, written by the host side, see ../layout.ts):
//   0 number of layers   1 output is sigmoid (1) or linear (0)   2 address of the parameters   3 unused
//   then per layer       inputs, outputs, byte offset of the panels, byte offset of the bias
// Offsets count from the start of the parameters, so the same table serves gradients and Adam moments.
import { sigmoidInPlace } from './activation'
import { PANEL_ROW, pad4, pad8, tile1x8, tile1x24, tile4x8 } from './tiles'

const HEADER: usize = 16
const LAYER: usize = 16

/** Rows evaluated layer by layer before moving on, so that their activations stay in the L1 cache. */
export const BLOCK_ROWS: u32 = 32

export function layerCount(network: usize): u32 {
  return load<u32>(network)
}

export function isSigmoid(network: usize): bool {
  return load<u32>(network, 4) !== 0
}

export function parameters(network: usize): usize {
  return load<u32>(network, 8)
}

export function layerAt(network: usize, index: u32): usize {
  return network + HEADER + <usize>index * LAYER
}

export function layerInputs(layer: usize): u32 {
  return load<u32>(layer)
}

export function layerOutputs(layer: usize): u32 {
  return load<u32>(layer, 4)
}

export function panelsOffset(layer: usize): usize {
  return load<u32>(layer, 8)
}

export function biasOffset(layer: usize): usize {
  return load<u32>(layer, 12)
}

/** One row through consecutive panels, three at a time while they last. */
function multiplyRow(
  a: usize,
  depth: u32,
  panels: usize,
  panelBytes: usize,
  bias: usize,
  columns: u32,
  relu: bool,
  c: usize,
): void {
  let j: u32 = 0
  for (; j + 24 <= columns; j += 24) {
    const at = (<usize>j) << 2
    tile1x24(a, depth, panels + <usize>(j >> 3) * panelBytes, panelBytes, bias + at, relu, c + at)
  }
  for (; j < columns; j += 8) {
    const at = (<usize>j) << 2
    tile1x8(a, depth, panels + <usize>(j >> 3) * panelBytes, bias + at, relu, c + at)
  }
}

/**
 * C[rows][pad8(outputs)] = A[rows][inputs] * weights + bias; aRow and cRow are row strides in bytes, so A
 * may be the caller's unpadded matrix.
 */
export function forwardLayer(
  base: usize,
  layer: usize,
  a: usize,
  aRow: usize,
  rows: u32,
  relu: bool,
  c: usize,
  cRow: usize,
): void {
  const depth = layerInputs(layer)
  const columns = pad8(layerOutputs(layer))
  const panels = base + panelsOffset(layer)
  const bias = base + biasOffset(layer)
  const panelBytes = <usize>pad4(depth) * PANEL_ROW
  let r: u32 = 0
  for (; r + 4 <= rows; r += 4) {
    const aTile = a + <usize>r * aRow
    const cTile = c + <usize>r * cRow
    let panel = panels
    for (let at: usize = 0; at < (<usize>columns) << 2; at += PANEL_ROW) {
      tile4x8(aTile, aRow, depth, panel, bias + at, relu, cTile + at, cRow)
      panel += panelBytes
    }
  }
  for (; r < rows; r++) {
    multiplyRow(a + <usize>r * aRow, depth, panels, panelBytes, bias, columns, relu, c + <usize>r * cRow)
  }
}

/** Copies padded rows into the caller's unpadded matrix. */
function copyRows(from: usize, fromRow: usize, to: usize, width: u32, rows: u32): void {
  for (let r: u32 = 0; r < rows; r++) {
    for (let j: usize = 0; j < (<usize>width) << 2; j += 4) store<f32>(to + j, load<f32>(from + j))
    from += fromRow
    to += (<usize>width) << 2
  }
}

/** At most BLOCK_ROWS rows through all layers, activations alternating between the two scratch areas. */
function inferBlock(network: usize, input: usize, output: usize, rows: u32, scratch: usize, other: usize): void {
  const base = parameters(network)
  const layers = layerCount(network)
  let from = input
  let fromRow = (<usize>layerInputs(layerAt(network, 0))) << 2
  for (let l: u32 = 0; l < layers - 1; l++) {
    const layer = layerAt(network, l)
    const row = (<usize>pad8(layerOutputs(layer))) << 2
    forwardLayer(base, layer, from, fromRow, rows, true, scratch, row)
    from = scratch
    fromRow = row
    scratch = other
    other = from
  }
  const last = layerAt(network, layers - 1)
  const width = layerOutputs(last)
  const padded = pad8(width)
  const row = (<usize>padded) << 2
  const result = width === padded ? output : scratch
  forwardLayer(base, last, from, fromRow, rows, false, result, row)
  if (isSigmoid(network)) sigmoidInPlace(result, rows * padded)
  if (result !== output) copyRows(result, row, output, width, rows)
}

/**
 * Evaluates `rows` rows: input [rows][inputs] to output [rows][outputs], both unpadded. `scratch` holds two
 * areas of `scratchBytes` each, enough for BLOCK_ROWS rows of the widest padded layer.
 */
export function inferRows(
  network: usize,
  input: usize,
  output: usize,
  rows: u32,
  scratch: usize,
  scratchBytes: usize,
): void {
  const inputRow = (<usize>layerInputs(layerAt(network, 0))) << 2
  const outputRow = (<usize>layerOutputs(layerAt(network, layerCount(network) - 1))) << 2
  while (rows) {
    const block = min(rows, BLOCK_ROWS)
    inferBlock(network, input, output, block, scratch, scratch + scratchBytes)
    input += <usize>block * inputRow
    output += <usize>block * outputRow
    rows -= block
  }
}

/** Evaluates network i (address list of u32) on row i; all share the same input and output widths. */
export function inferEach(
  networks: usize,
  count: u32,
  input: usize,
  output: usize,
  scratch: usize,
  scratchBytes: usize,
): void {
  if (!count) return
  const first = <usize>load<u32>(networks)
  const inputRow = (<usize>layerInputs(layerAt(first, 0))) << 2
  const outputRow = (<usize>layerOutputs(layerAt(first, layerCount(first) - 1))) << 2
  for (let i: u32 = 0; i < count; i++) {
    inferBlock(load<u32>(networks + ((<usize>i) << 2)), input, output, 1, scratch, scratch + scratchBytes)
    input += inputRow
    output += outputRow
  }
}
