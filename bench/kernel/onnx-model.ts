/**
 * Writes a dense network as an ONNX model, so that onnxruntime can be timed on the very same weights.
 * Just enough of the protobuf encoding for that; field numbers are those of onnx.proto.
 */
import type { NetworkShape } from '../../src/detect/kernel/kernel.ts'

const FLOAT = 1
const INT_ATTRIBUTE = 2

type Message = readonly number[]

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest & 127) | 128)
    rest >>>= 7
  }
  bytes.push(rest)
  return bytes
}

function integer(field: number, value: number): Message {
  return [...varint(field << 3), ...varint(value)]
}

function bytes(field: number, content: ArrayLike<number>): Message {
  return [...varint((field << 3) | 2), ...varint(content.length), ...Array.from(content)]
}

function text(field: number, content: string): Message {
  return bytes(field, new TextEncoder().encode(content))
}

function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Message[] = [],
): Message {
  const names = [...inputs.flatMap((input) => text(1, input)), ...text(2, output)]
  return [...names, ...text(4, operator), ...attributes.flatMap((attribute) => bytes(5, attribute))]
}

function integerAttribute(name: string, value: number): Message {
  return [...text(1, name), ...integer(3, value), ...integer(20, INT_ATTRIBUTE)]
}

function tensor(name: string, dimensions: readonly number[], values: Float32Array): Message {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return [...dimensions.flatMap((size) => integer(1, size)), ...integer(2, FLOAT), ...text(8, name), ...bytes(9, raw)]
}

/** A float matrix with any number of rows. */
function matrixInfo(name: string, columns: number): Message {
  const shape = [...bytes(1, text(2, 'rows')), ...bytes(1, integer(1, columns))]
  const type = bytes(1, [...integer(1, FLOAT), ...bytes(2, shape)])
  return [...text(1, name), ...bytes(2, type)]
}

/** `weights` flat as for `createNetwork`. Input 'x', output 'y'. */
export function onnxModel(shape: NetworkShape, weights: Float32Array): Uint8Array {
  const { sizes, output } = shape
  const graph: number[] = []
  let from = 'x'
  let at = 0
  for (let l = 1; l < sizes.length; l++) {
    const [inputs, outputs] = [sizes[l - 1] as number, sizes[l] as number]
    const last = l === sizes.length - 1
    const bias = at + inputs * outputs
    graph.push(...bytes(5, tensor(`w${l}`, [outputs, inputs], weights.slice(at, bias))))
    graph.push(...bytes(5, tensor(`b${l}`, [outputs], weights.slice(bias, bias + outputs))))
    graph.push(...bytes(1, node('Gemm', [from, `w${l}`, `b${l}`], `s${l}`, [integerAttribute('transB', 1)])))
    const activation = last ? (output === 'sigmoid' ? 'Sigmoid' : 'Identity') : 'Relu'
    from = last ? 'y' : `a${l}`
    graph.push(...bytes(1, node(activation, [`s${l}`], from)))
    at = bias + outputs
  }
  graph.push(...text(2, 'dense'))
  graph.push(...bytes(11, matrixInfo('x', sizes[0] as number)), ...bytes(12, matrixInfo('y', sizes.at(-1) as number)))
  return Uint8Array.from([...integer(1, 8), ...bytes(8, integer(2, 13)), ...bytes(7, graph)])
}
