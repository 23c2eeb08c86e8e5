import { LIMITS } from './decode.ts'
import { TfliteError } from './error.ts'
import type { Graph, Tensor } from './graph.ts'
import { dequantize, quantize } from './kernels/int8.ts'
import { TYPE } from './schema.ts'
import { affineOf, assertType, elementsOf, int8Constant, realConstant, wrongType } from './values.ts'

/** The values of a tensor for one row of the batch: filled once when constant, else by the step that computes it. */
type Wire = Float32Array | Int8Array

/**
 * The tensors of a graph as wires between steps, for one row of the batch: a tensor holds `values in its shape / rows`.
 * All methods throw a `TfliteError` that names the tensor.
 */
export class Wiring {
  readonly steps: (() => void)[] = []
  private readonly graph: Graph
  /** Rows the shapes are written for. */
  private readonly rows: number
  private readonly wires = new Map<number, Wire>()
  private readonly folded = new Set<number>()
  private elements = 0

  constructor(graph: Graph, rows: number) {
    this.graph = graph
    this.rows = rows
  }

  tensor(index: number): Tensor {
    return this.graph.tensors[index]
  }

  /** An int8 input takes real values too: they are quantised as QUANTIZE would. */
  input(index: number): Float32Array {
    const tensor = this.tensor(index)
    const size = elementsOf(tensor.shape) / this.rows
    if (tensor.type !== TYPE.int8) return this.createFloat(index, size)
    const wire = this.createInt8(index, size)
    const input = new Float32Array(size)
    const affine = affineOf(tensor)
    this.steps.push(() => quantize(input, wire, affine))
    return input
  }

  output(index: number): Float32Array {
    const wire = this.read(index)
    if (wire instanceof Float32Array) return wire
    const output = new Float32Array(wire.length)
    const affine = affineOf(this.tensor(index))
    this.steps.push(() => dequantize(wire, output, affine))
    return output
  }

  /** The wire of a tensor computed before, or a constant. */
  read(index: number): Wire {
    const wire = this.wires.get(index)
    if (wire !== undefined) return wire
    const tensor = this.tensor(index)
    if (tensor?.data === undefined) {
      throw new TfliteError('corrupt', `tensor ${index} "${tensor?.name}" is read before it is computed`)
    }
    this.spend(elementsOf(tensor.shape))
    const constant = tensor.type === TYPE.int8 ? int8Constant(tensor) : realConstant(tensor)
    this.wires.set(index, constant)
    return constant
  }

  /** Whether the values of a tensor are known before the first run. */
  isConstant(index: number): boolean {
    return this.tensor(index)?.data !== undefined || this.folded.has(index)
  }

  readFloat(index: number): Float32Array {
    const wire = this.read(index)
    if (wire instanceof Float32Array) return wire
    throw wrongType(this.tensor(index), TYPE.float32)
  }

  readInt8(index: number): Int8Array {
    const wire = this.read(index)
    if (wire instanceof Int8Array) return wire
    throw wrongType(this.tensor(index), TYPE.int8)
  }

  /** A new wire for a result of `size` values. */
  createFloat(index: number, size: number): Float32Array {
    assertType(this.tensor(index), TYPE.float32)
    this.spend(size)
    const wire = new Float32Array(size)
    this.join(index, wire)
    return wire
  }

  createInt8(index: number, size: number): Int8Array {
    assertType(this.tensor(index), TYPE.int8)
    this.spend(size)
    const wire = new Int8Array(size)
    this.join(index, wire)
    return wire
  }

  /** Lets a tensor stand for a wire, which must fill its shape. */
  join(index: number, wire: Wire, rows = this.rows): void {
    const { name, shape, data } = this.tensor(index)
    if (wire.length !== elementsOf(shape) / rows) {
      throw new TfliteError('corrupt', `tensor "${name}" of shape [${shape}] is given ${wire.length} values a row`)
    }
    if (this.wires.has(index) || data !== undefined)
      throw new TfliteError('corrupt', `tensor "${name}" is written twice`)
    this.wires.set(index, wire)
  }

  /** Gives a tensor constant values computed now. */
  fold(index: number, values: Float32Array): void {
    this.spend(values.length)
    assertType(this.tensor(index), TYPE.float32)
    this.join(index, values, 1)
    this.folded.add(index)
  }

  /** Counts values kept in memory. */
  spend(elements: number): void {
    this.elements += elements
    if (this.elements > LIMITS.elements) throw new TfliteError('too_large', `more than ${LIMITS.elements} values`)
  }
}
