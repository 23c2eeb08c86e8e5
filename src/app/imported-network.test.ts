import { describe, expect, it } from 'vitest'
import { dynamicRangeFile } from '../../test/fixtures/tflite/quantized.ts'
import { randomModel } from '../../test/fixtures/tflite/random-model.ts'
import { createPlainKernel } from '../detect/kernel/plain.ts'
import { decodeGraph } from '../store/tflite/decode.ts'
import { encodeGraph } from '../store/tflite/encode.ts'
import type { Tensor } from '../store/tflite/graph.ts'
import { readTflite } from '../store/tflite/read.ts'
import { OP, TYPE } from '../store/tflite/schema.ts'
import { writeTflite } from '../store/tflite/write.ts'
import {
  type ImportedNetwork,
  type ImportedScaler,
  type ImportPlace,
  importNetwork,
  openImported,
} from './imported-network.ts'
import { withNetworkFiles } from './network-file.ts'

const NAMES = ['cpu', 'disk', 'memory']
const THEIRS = ['memory', 'cpu', 'disk']
const ALONE: ImportPlace = { names: NAMES, context: false }
const WITH_PAST: ImportPlace = { names: NAMES, context: true }
const kernel = withNetworkFiles(createPlainKernel())

function scaler(scaling: ImportedScaler['scaling'], features = THEIRS): ImportedScaler {
  return { features, scaling, offset: [1, 2, 3], scale: [10, 20, 30] }
}

/** Values by feature, in another order. */
function reordered(values: Float32Array, from: readonly string[], to: readonly string[]): Float32Array {
  return values.map((_, i) => values[i - (i % 3) + from.indexOf(to[i % 3])])
}

const FILES = {
  relu: writeTflite(randomModel([3, 5, 2, 3], 'relu', 'sigmoid', 5)),
  'relu with the recent past': writeTflite(randomModel([9, 6, 4, 3], 'relu', 'linear', 5)),
  tanh: writeTflite(randomModel([3, 5, 2, 3], 'tanh', 'sigmoid', 5)),
  'sigmoid inside, nothing at the end': writeTflite(randomModel([3, 5, 2, 3], 'sigmoid', 'linear', 5)),
  'int8 weights': dynamicRangeFile(randomModel([3, 5, 2, 3], 'relu', 'sigmoid', 5), {
    perChannel: true,
    asymmetricInputs: true,
  }),
  'int8 weights, tanh and the recent past': dynamicRangeFile(randomModel([9, 6, 4, 3], 'tanh', 'linear', 5), {
    perChannel: false,
    asymmetricInputs: false,
  }),
} as const

describe('importNetwork', () => {
  it.each([
    ['relu', 'minmax', ALONE, 'weights'],
    ['relu with the recent past', 'deviations', WITH_PAST, 'weights'],
    ['tanh', 'minmax', ALONE, 'bytes'],
    ['sigmoid inside, nothing at the end', 'minmax', ALONE, 'bytes'],
    ['int8 weights', 'minmax', ALONE, 'bytes'],
    ['int8 weights, tanh and the recent past', 'deviations', WITH_PAST, 'bytes'],
    // Fed like the others of the fleet, of which it reads the first third.
    ['relu', 'minmax', WITH_PAST, 'bytes'],
    ['int8 weights', 'deviations', WITH_PAST, 'bytes'],
  ] as const)('computes what the file computes, in our order of features: %s, %s', (name, scaling, place, kind) => {
    const file = readTflite(FILES[name])
    const network = importNetwork(FILES[name], scaler(scaling), place)
    const input = Float32Array.from({ length: place.context ? 9 : 3 }, (_, i) => Math.cos(i))
    const ours = new Float32Array(3)

    openImported(network, kernel).infer(1, reordered(input, THEIRS, NAMES), ours)

    const theirs = reordered(file.infer(1, input.subarray(0, file.inputs)), THEIRS, NAMES)
    for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, kind === 'bytes' ? 9 : 6)
    expect(Object.keys(network.source)).toContain(kind)
  })

  it.each([
    ['a dynamic batch', (tensor: Tensor) => ({ ...tensor, signature: [-1, ...tensor.shape.slice(1)] })],
    ['a static batch of four rows', (tensor: Tensor) => ({ ...tensor, shape: [4, ...tensor.shape.slice(1)] })],
  ])('takes %s like a batch of one', (_, change) => {
    const graph = decodeGraph(FILES.tanh)
    const tensors = graph.tensors.map((tensor) => (tensor.data === undefined ? change(tensor) : tensor))
    const batched = importNetwork(encodeGraph({ ...graph, tensors }), scaler('minmax'), ALONE)
    const single = importNetwork(FILES.tanh, scaler('minmax'), ALONE)
    const run = (network: ImportedNetwork) => {
      const outputs = new Float32Array(9)
      openImported(network, kernel).infer(3, Float32Array.from({ length: 9 }, Math.sin), outputs)
      return outputs
    }

    expect(run(batched)).toEqual(run(single))
  })

  it('takes RESHAPE around its layers', () => {
    const tensors = [
      { name: 'input', shape: [1, 3], type: TYPE.float32 },
      { name: 'shape', shape: [2], type: TYPE.int32, data: new Uint8Array(Int32Array.of(1, 3).buffer) },
      { name: 'same', shape: [1, 3], type: TYPE.float32 },
      { name: 'output', shape: [1, 3], type: TYPE.float32 },
    ]
    const operators = [
      { code: OP.reshape, version: 1, inputs: [0, 1], outputs: [2] },
      { code: OP.tanh, version: 1, inputs: [2], outputs: [3] },
    ]
    const file = encodeGraph({ name: '', description: '', tensors, operators, inputs: [0], outputs: [3] })
    const outputs = new Float32Array(3)

    openImported(importNetwork(file, scaler('minmax'), ALONE), kernel).infer(1, Float32Array.of(1, 2, 3), outputs)

    expect([...outputs]).toEqual([1, 2, 3].map((x) => Math.fround(Math.tanh(x))))
  })

  it('brings the scaling into our order too', () => {
    const { given, plan, sizes } = importNetwork(FILES.tanh, scaler('minmax'), ALONE)

    expect(given).toEqual({ minimum: Float32Array.of(2, 3, 1), range: Float32Array.of(20, 30, 10) })
    expect(plan).toEqual({ hidden: [5, 2], context: false, scaling: 'minmax' })
    expect(sizes).toEqual([3, 5, 2, 3])
  })

  it('refuses what it cannot use, and says why', () => {
    const withPast = FILES['relu with the recent past']

    expect(() => importNetwork(FILES.relu, scaler('minmax', ['memory', 'cpu', 'net']), ALONE)).toThrow(
      /lacks disk; .*no net/,
    )
    expect(() =>
      importNetwork(writeTflite(randomModel([3, 2], 'relu', 'sigmoid', 1)), scaler('minmax'), ALONE),
    ).toThrow(/takes 3 values and gives 2/)
    expect(() => importNetwork(withPast, scaler('minmax'), WITH_PAST)).toThrow(/takes deviations/)
    expect(() => importNetwork(withPast, scaler('deviations'), ALONE)).toThrow(/detect\.autoencoder\.context/)
  })

  it('names an op that nobody here evaluates', () => {
    const tensors = ['input', 'output'].map((name) => ({ name, shape: [1, 3], type: TYPE.float32 }))
    const operators = [{ code: 25, version: 1, inputs: [0], outputs: [1] }]
    const file = encodeGraph({ name: '', description: '', tensors, operators, inputs: [0], outputs: [1] })

    expect(() => importNetwork(file, scaler('minmax'), ALONE)).toThrow(/op SOFTMAX is not supported/)
  })
})
