import { Builder, type Offset } from 'flatbuffers'
import type { Graph, Operator, Quantization, Tensor } from './graph.ts'
import * as schema from './schema.ts'

/** Values of a tensor start at a multiple of this many bytes, so that a runtime can map them in place (schema: `Buffer`). */
const DATA_ALIGNMENT = 16

/**
 * Writes a graph as a .tflite file: schema version 3, identifier `TFL3`, one subgraph, and one signature
 * (`serving_default`) whose argument and result names are those of the tensors.
 *
 * @returns the bytes of the file; the same graph gives the same bytes
 */
export function encodeGraph(graph: Graph): Uint8Array {
  const builder = new Builder(4096)
  const buffers = encodeBuffers(builder, graph)
  const codes = distinctCodes(graph)
  const operatorCodes = offsets(
    builder,
    codes.map((operator) => encodeCode(builder, operator)),
  )
  const subgraphs = offsets(builder, [encodeSubgraph(builder, graph, codes)])
  const signatures = offsets(builder, [encodeSignature(builder, graph)])
  const description = builder.createString(graph.description)
  const model = table(builder, 8, () => {
    builder.addFieldInt32(schema.MODEL.version, schema.SCHEMA_VERSION, 0)
    builder.addFieldOffset(schema.MODEL.operatorCodes, operatorCodes, 0)
    builder.addFieldOffset(schema.MODEL.subgraphs, subgraphs, 0)
    builder.addFieldOffset(schema.MODEL.description, description, 0)
    builder.addFieldOffset(schema.MODEL.buffers, buffers, 0)
    builder.addFieldOffset(schema.MODEL.signatures, signatures, 0)
  })
  builder.finish(model, schema.FILE_IDENTIFIER)
  return builder.asUint8Array().slice()
}

/** Buffer 0 is empty by convention and stands for "no data"; tensor i has buffer i + 1. */
function encodeBuffers(builder: Builder, graph: Graph): Offset {
  const empty = table(builder, 3, () => {})
  const buffers = graph.tensors.map(({ data }) => {
    if (data === undefined) return table(builder, 3, () => {})
    builder.startVector(1, data.length, DATA_ALIGNMENT)
    for (let i = data.length - 1; i >= 0; i--) builder.addInt8(data[i])
    const bytes = builder.endVector()
    return table(builder, 3, () => builder.addFieldOffset(schema.BUFFER.data, bytes, 0))
  })
  return offsets(builder, [empty, ...buffers])
}

function encodeSubgraph(builder: Builder, graph: Graph, codes: readonly Operator[]): Offset {
  const tensors = offsets(
    builder,
    graph.tensors.map((tensor, i) => encodeTensor(builder, tensor, i + 1)),
  )
  const operators = offsets(
    builder,
    graph.operators.map((operator) => encodeOperator(builder, operator, codes)),
  )
  const inputs = integers(builder, graph.inputs)
  const outputs = integers(builder, graph.outputs)
  const name = builder.createString(graph.name)
  return table(builder, 5, () => {
    builder.addFieldOffset(schema.SUBGRAPH.tensors, tensors, 0)
    builder.addFieldOffset(schema.SUBGRAPH.inputs, inputs, 0)
    builder.addFieldOffset(schema.SUBGRAPH.outputs, outputs, 0)
    builder.addFieldOffset(schema.SUBGRAPH.operators, operators, 0)
    builder.addFieldOffset(schema.SUBGRAPH.name, name, 0)
  })
}

function encodeTensor(builder: Builder, tensor: Tensor, buffer: number): Offset {
  const shape = integers(builder, tensor.shape)
  const name = builder.createString(tensor.name)
  const quantization = tensor.quantization ? encodeQuantization(builder, tensor.quantization) : 0
  const signature = tensor.signature ? integers(builder, tensor.signature) : 0
  return table(builder, 10, () => {
    builder.addFieldOffset(schema.TENSOR.shape, shape, 0)
    builder.addFieldInt8(schema.TENSOR.type, tensor.type, 0)
    builder.addFieldInt32(schema.TENSOR.buffer, buffer, 0)
    builder.addFieldOffset(schema.TENSOR.name, name, 0)
    builder.addFieldOffset(schema.TENSOR.quantization, quantization, 0)
    builder.addFieldOffset(schema.TENSOR.signature, signature, 0)
  })
}

function encodeQuantization(builder: Builder, { scales, zeroPoints, dimension }: Quantization): Offset {
  builder.startVector(4, scales.length, 4)
  for (let i = scales.length - 1; i >= 0; i--) builder.addFloat32(scales[i])
  const scale = builder.endVector()
  builder.startVector(8, scales.length, 8)
  for (let i = scales.length - 1; i >= 0; i--) builder.addInt64(BigInt(zeroPoints[i] ?? 0))
  const zeroPoint = builder.endVector()
  return table(builder, 7, () => {
    builder.addFieldOffset(schema.QUANTIZATION.scale, scale, 0)
    builder.addFieldOffset(schema.QUANTIZATION.zeroPoint, zeroPoint, 0)
    builder.addFieldInt32(schema.QUANTIZATION.dimension, dimension, 0)
  })
}

function encodeOperator(builder: Builder, operator: Operator, codes: readonly Operator[]): Offset {
  const inputs = integers(builder, operator.inputs)
  const outputs = integers(builder, operator.outputs)
  const options = encodeOptions(builder, operator.options)
  const index = codes.findIndex((other) => sameCode(other, operator))
  return table(builder, 9, () => {
    builder.addFieldInt32(schema.OPERATOR.code, index, 0)
    builder.addFieldOffset(schema.OPERATOR.inputs, inputs, 0)
    builder.addFieldOffset(schema.OPERATOR.outputs, outputs, 0)
    builder.addFieldInt8(schema.OPERATOR.optionsType, options.type, 0)
    builder.addFieldOffset(schema.OPERATOR.options, options.offset, 0)
  })
}

function encodeOptions(builder: Builder, options: Operator['options']): { type: number; offset: Offset } {
  if (options === undefined) return { type: schema.OPTIONS.none, offset: 0 }
  if (options.kind === 'reshape') {
    const shape = integers(builder, options.shape)
    const offset = table(builder, 1, () => builder.addFieldOffset(schema.RESHAPE_OPTIONS.shape, shape, 0))
    return { type: schema.OPTIONS.reshape, offset }
  }
  const offset = table(builder, 4, () => {
    builder.addFieldInt8(schema.FULLY_CONNECTED_OPTIONS.activation, options.activation, 0)
    builder.addFieldInt8(schema.FULLY_CONNECTED_OPTIONS.format, options.weightsFormat, 0)
    builder.addFieldInt8(schema.FULLY_CONNECTED_OPTIONS.keepDims, options.keepDims ? 1 : 0, 0)
    builder.addFieldInt8(schema.FULLY_CONNECTED_OPTIONS.asymmetricInputs, options.asymmetricInputs ? 1 : 0, 0)
  })
  return { type: schema.OPTIONS.fullyConnected, offset }
}

function encodeCode(builder: Builder, { code, version }: Operator): Offset {
  return table(builder, 4, () => {
    // Readers older than schema 3a know only the short field, whose greatest value says "look at the other one".
    builder.addFieldInt8(schema.OPERATOR_CODE.shortCode, Math.min(code, 127), 0)
    builder.addFieldInt32(schema.OPERATOR_CODE.version, version, 1)
    builder.addFieldInt32(schema.OPERATOR_CODE.code, code, 0)
  })
}

function encodeSignature(builder: Builder, graph: Graph): Offset {
  const maps = (tensors: readonly number[]): Offset =>
    offsets(
      builder,
      tensors.map((tensor) => {
        const name = builder.createString(graph.tensors[tensor].name)
        return table(builder, 2, () => {
          builder.addFieldOffset(schema.TENSOR_MAP.name, name, 0)
          builder.addFieldInt32(schema.TENSOR_MAP.tensor, tensor, 0)
        })
      }),
    )
  const inputs = maps(graph.inputs)
  const outputs = maps(graph.outputs)
  const key = builder.createString('serving_default')
  return table(builder, 5, () => {
    builder.addFieldOffset(schema.SIGNATURE.inputs, inputs, 0)
    builder.addFieldOffset(schema.SIGNATURE.outputs, outputs, 0)
    builder.addFieldOffset(schema.SIGNATURE.key, key, 0)
  })
}

function distinctCodes(graph: Graph): Operator[] {
  const { operators } = graph
  return operators.filter((operator, i) => operators.findIndex((other) => sameCode(other, operator)) === i)
}

function sameCode(a: Operator, b: Operator): boolean {
  return a.code === b.code && a.version === b.version
}

function table(builder: Builder, fields: number, add: () => void): Offset {
  builder.startObject(fields)
  add()
  return builder.endObject()
}

function integers(builder: Builder, values: readonly number[]): Offset {
  builder.startVector(4, values.length, 4)
  for (let i = values.length - 1; i >= 0; i--) builder.addInt32(values[i])
  return builder.endVector()
}

function offsets(builder: Builder, items: readonly Offset[]): Offset {
  builder.startVector(4, items.length, 4)
  for (let i = items.length - 1; i >= 0; i--) builder.addOffset(items[i])
  return builder.endVector()
}
