import { ByteBuffer } from 'flatbuffers'
import { TfliteError } from './error.ts'
import type { Graph, Operator, Quantization, Tensor } from './graph.ts'
import { operatorName } from './operator-name.ts'
import * as schema from './schema.ts'
import { Table } from './table.ts'

/** Dense models of our size are kilobytes; these caps keep a hostile file from taking the daemon's memory. */
export const LIMITS = {
  fileBytes: 64 * 2 ** 20,
  tensors: 1024,
  operators: 512,
  /** Tensors one op reads or writes. */
  arity: 16,
  dimensions: 8,
  /** Scales of one tensor. */
  channels: 16_384,
  /** Values of one tensor, and of all that evaluation keeps in memory. */
  elements: 2 ** 24,
} as const

/**
 * Reads a .tflite file into plain values; constants are views of `file`.
 *
 * @throws {TfliteError} `corrupt` when the file is not a .tflite file or damaged, `too_large` past `LIMITS`,
 *   `unsupported` for several subgraphs, another schema version, a custom op, or sparse tensors
 */
export function decodeGraph(file: Uint8Array): Graph {
  if (file.length > LIMITS.fileBytes) {
    throw new TfliteError('too_large', `a file of ${file.length} bytes is larger than ${LIMITS.fileBytes}`)
  }
  const buffer = new ByteBuffer(file)
  if (file.length < 8 || !buffer.__has_identifier(schema.FILE_IDENTIFIER)) {
    throw new TfliteError('corrupt', `not a .tflite file: identifier ${schema.FILE_IDENTIFIER} is missing`)
  }
  const model = Table.root(buffer)
  const version = model.int32(schema.MODEL.version)
  if (version !== schema.SCHEMA_VERSION) throw new TfliteError('unsupported', `schema version ${version} is not 3`)
  const subgraphs = model.tables(schema.MODEL.subgraphs, LIMITS.operators)
  if (subgraphs.length !== 1) {
    throw new TfliteError('unsupported', `a model of ${subgraphs.length} subgraphs is not supported: one is`)
  }
  return decodeSubgraph(model, subgraphs[0])
}

function decodeSubgraph(model: Table, subgraph: Table): Graph {
  const buffers = model.tables(schema.MODEL.buffers, 2 * LIMITS.tensors)
  const codes = model.tables(schema.MODEL.operatorCodes, LIMITS.operators)
  const tensors = subgraph.tables(schema.SUBGRAPH.tensors, LIMITS.tensors).map((table) => decodeTensor(table, buffers))
  const operators = subgraph
    .tables(schema.SUBGRAPH.operators, LIMITS.operators)
    .map((table) => decodeOperator(table, codes))
  const graph: Graph = {
    name: subgraph.text(schema.SUBGRAPH.name),
    description: model.text(schema.MODEL.description),
    tensors,
    operators,
    inputs: subgraph.int32s(schema.SUBGRAPH.inputs, LIMITS.arity) ?? [],
    outputs: subgraph.int32s(schema.SUBGRAPH.outputs, LIMITS.arity) ?? [],
  }
  for (const index of [...graph.inputs, ...graph.outputs, ...operators.flatMap(({ outputs }) => outputs)]) {
    assertIndex(index, 0, tensors.length)
  }
  for (const index of operators.flatMap(({ inputs }) => inputs)) assertIndex(index, -1, tensors.length)
  return graph
}

function assertIndex(index: number, from: number, to: number): void {
  if (index < from || index >= to) throw new TfliteError('corrupt', `there is no tensor ${index} among ${to}`)
}

function decodeTensor(table: Table, buffers: readonly Table[]): Tensor {
  const name = table.text(schema.TENSOR.name)
  const shape = table.int32s(schema.TENSOR.shape, LIMITS.dimensions) ?? []
  if (product(shape) > LIMITS.elements) {
    throw new TfliteError('too_large', `tensor "${name}" of shape [${shape}] is too large`)
  }
  if (table.table(schema.TENSOR.sparsity)) throw new TfliteError('unsupported', `tensor "${name}" is sparse`)
  const quantization = table.table(schema.TENSOR.quantization)
  const index = table.int32(schema.TENSOR.buffer)
  if (index < 0 || index >= buffers.length) throw new TfliteError('corrupt', `tensor "${name}" has no buffer ${index}`)
  return {
    name,
    shape: shape.map((size) => (size < 0 ? 1 : size)),
    signature:
      table.int32s(schema.TENSOR.signature, LIMITS.dimensions) ?? (shape.some((size) => size < 0) ? shape : undefined),
    type: table.uint8(schema.TENSOR.type),
    data: decodeBuffer(buffers[index]),
    quantization: quantization && decodeQuantization(quantization, name),
  }
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * Math.abs(size), 1)
}

/** Values inside the table, or, since schema 3c, after the tables at a place in the file. */
function decodeBuffer(table: Table): Uint8Array | undefined {
  const inside = table.bytes(schema.BUFFER.data)
  if (inside && inside.length > 0) return inside
  const from = table.size(schema.BUFFER.offset)
  const size = table.size(schema.BUFFER.size)
  // The schema keeps 0 and 1 as marks of a buffer that stands nowhere else.
  if (from <= 1 || size === 0) return undefined
  const file = table.buffer.bytes()
  if (from + size > file.length) throw new TfliteError('corrupt', `truncated: a buffer ends at ${from + size}`)
  return file.subarray(from, from + size)
}

function decodeQuantization(table: Table, tensor: string): Quantization | undefined {
  if (table.uint8(schema.QUANTIZATION.detailsType) !== 0) {
    throw new TfliteError('unsupported', `tensor "${tensor}" has custom or block-wise quantisation`)
  }
  const scales = Float32Array.from(table.float32s(schema.QUANTIZATION.scale, LIMITS.channels) ?? [])
  // Converters leave min and max of a float tensor here, without a scale.
  if (scales.length === 0) return undefined
  const zeroPoints = Int32Array.from(table.int64s(schema.QUANTIZATION.zeroPoint, LIMITS.channels) ?? [])
  const dimension = table.int32(schema.QUANTIZATION.dimension)
  if (scales.some((scale) => !(scale > 0 && scale < Number.POSITIVE_INFINITY))) {
    throw new TfliteError('corrupt', `tensor "${tensor}" has a scale that is not positive`)
  }
  return { scales, zeroPoints, dimension }
}

function decodeOperator(table: Table, codes: readonly Table[]): Operator {
  const index = table.int32(schema.OPERATOR.code)
  const entry = codes[index]
  if (entry === undefined) throw new TfliteError('corrupt', `there is no operator code ${index}`)
  // Before schema 3a only the short field was written; since then it stops at 127.
  const code = Math.max(entry.uint8(schema.OPERATOR_CODE.shortCode), entry.int32(schema.OPERATOR_CODE.code))
  if (code === schema.OP.custom) throw unsupportedOperator(`CUSTOM "${entry.text(schema.OPERATOR_CODE.customName)}"`)
  return {
    code,
    version: entry.int32(schema.OPERATOR_CODE.version, 1),
    inputs: table.int32s(schema.OPERATOR.inputs, LIMITS.arity) ?? [],
    outputs: table.int32s(schema.OPERATOR.outputs, LIMITS.arity) ?? [],
    options: decodeOptions(table, code),
  }
}

/** The refusal of an op outside what we evaluate, by its name in the schema. */
export function unsupportedOperator(name: string | number): TfliteError {
  const op = typeof name === 'number' ? operatorName(name) : name
  return new TfliteError('unsupported', `op ${op} is not supported: ${SUPPORTED} are`)
}

const SUPPORTED = Object.values(schema.OP)
  .filter((code) => code !== schema.OP.custom)
  .map(operatorName)
  .join(', ')

function decodeOptions(table: Table, code: number): Operator['options'] {
  const type = table.uint8(schema.OPERATOR.optionsType)
  const options = table.table(schema.OPERATOR.options)
  if (code === schema.OP.reshape) {
    if (type !== schema.OPTIONS.reshape || !options) return undefined
    return { kind: 'reshape', shape: options.int32s(schema.RESHAPE_OPTIONS.shape, LIMITS.dimensions) ?? [] }
  }
  if (code !== schema.OP.fullyConnected) return undefined
  const fields = type === schema.OPTIONS.fullyConnected ? options : undefined
  return {
    kind: 'fully_connected',
    activation: fields?.uint8(schema.FULLY_CONNECTED_OPTIONS.activation) ?? schema.FUSED.none,
    weightsFormat: fields?.uint8(schema.FULLY_CONNECTED_OPTIONS.format) ?? 0,
    keepDims: fields?.uint8(schema.FULLY_CONNECTED_OPTIONS.keepDims) === 1,
    asymmetricInputs: fields?.uint8(schema.FULLY_CONNECTED_OPTIONS.asymmetricInputs) === 1,
  }
}
