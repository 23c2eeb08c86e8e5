import { type Activation, assertDenseModel, type DenseLayer, type DenseModel } from './dense-model.ts'
import { encodeGraph } from './encode.ts'
import type { Operator, Tensor } from './graph.ts'
import { FUSED, OP, TYPE } from './schema.ts'

interface WriteOptions {
  /** Name of the graph inside the file. */
  readonly name?: string
  /** Free text shown by model viewers. */
  readonly description?: string
}

/** Activations with an op of their own; RELU is fused into FULLY_CONNECTED, as converters do. */
const OWN_OP: Partial<Record<Activation, number>> = { sigmoid: OP.logistic, tanh: OP.tanh }

/**
 * Writes a dense model as a .tflite file (schema version 3) that TensorFlow Lite and LiteRT run: float32, static batch
 * of one row, input `input` [1, inputs], output `output` [1, outputs].
 *
 * @throws {RangeError} when the layers do not fit each other
 */
export function writeTflite(model: DenseModel, options: WriteOptions = {}): Uint8Array {
  assertDenseModel(model)
  const tensors: Tensor[] = [floatTensor('input', [1, model.layers[0].inputs])]
  const operators: Operator[] = []
  let current = 0
  for (const [i, layer] of model.layers.entries()) current = addLayer(tensors, operators, layer, `dense_${i}`, current)
  tensors[current] = { ...tensors[current], name: 'output' }
  const { name = 'homeostat', description = 'Written by Homeostat' } = options
  return encodeGraph({ name, description, tensors, operators, inputs: [0], outputs: [current] })
}

/** Appends a layer that reads tensor `input`; returns the tensor that holds its result. */
function addLayer(tensors: Tensor[], operators: Operator[], layer: DenseLayer, name: string, input: number): number {
  const own = OWN_OP[layer.activation]
  const weights = tensors.push(floatTensor(`${name}/weights`, [layer.outputs, layer.inputs], layer.weights)) - 1
  const bias = tensors.push(floatTensor(`${name}/bias`, [layer.outputs], layer.bias)) - 1
  const sum = tensors.push(floatTensor(`${name}/sum`, [1, layer.outputs])) - 1
  operators.push({
    code: OP.fullyConnected,
    version: 1,
    inputs: [input, weights, bias],
    outputs: [sum],
    options: {
      kind: 'fully_connected',
      activation: layer.activation === 'relu' ? FUSED.relu : FUSED.none,
      weightsFormat: 0,
      keepDims: false,
      asymmetricInputs: false,
    },
  })
  if (own === undefined) return sum
  const output = tensors.push(floatTensor(`${name}/${layer.activation}`, [1, layer.outputs])) - 1
  operators.push({ code: own, version: 1, inputs: [sum], outputs: [output] })
  return output
}

function floatTensor(name: string, shape: readonly number[], values?: Float32Array): Tensor {
  return { name, shape, type: TYPE.float32, data: values && littleEndian(values) }
}

function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(values.length * 4))
  for (let i = 0; i < values.length; i++) bytes.setFloat32(i * 4, values[i], true)
  return new Uint8Array(bytes.buffer)
}
