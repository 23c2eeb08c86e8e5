import { describe, expect, it } from 'vitest'
import { createPlainKernel } from '../detect/kernel/plain.ts'
import { createRandom } from '../domain/random.ts'
import type { Activation, DenseModel } from '../store/tflite/dense-model.ts'
import { readTflite } from '../store/tflite/read.ts'
import { writeTflite } from '../store/tflite/write.ts'
import { type ImportedScaler, importNetwork } from './imported-network.ts'

const NAMES = ['cpu', 'disk', 'memory']
const THEIRS = ['memory', 'cpu', 'disk']

function model(sizes: readonly number[], output: Activation, hidden: Activation = 'relu'): DenseModel {
  const random = createRandom(5)
  const numbers = (length: number) => Float32Array.from({ length }, () => random() - 0.4)
  const layers = sizes.slice(1).map((outputs, i) => {
    const activation = i === sizes.length - 2 ? output : hidden
    return { inputs: sizes[i], outputs, weights: numbers(sizes[i] * outputs), bias: numbers(outputs), activation }
  })
  return { layers }
}

function scaler(scaling: ImportedScaler['scaling'], features = THEIRS): ImportedScaler {
  return { features, scaling, offset: [1, 2, 3], scale: [10, 20, 30] }
}

/** Values by feature, in another order. */
function reordered(values: Float32Array, from: readonly string[], to: readonly string[]): Float32Array {
  return values.map((_, i) => values[i - (i % 3) + from.indexOf(to[i % 3])])
}

describe('importNetwork', () => {
  it.each([
    ['features in their range', [3, 5, 2, 3], 'sigmoid', 'minmax'],
    ['deviations with the recent past', [9, 6, 4, 3], 'linear', 'deviations'],
  ] as const)('computes what the file computes, in our order of features: %s', (_, sizes, output, scaling) => {
    const file = readTflite(writeTflite(model(sizes, output)))
    const input = Float32Array.from({ length: sizes[0] }, (_, i) => Math.cos(i))

    const { shape, weights } = importNetwork(file.toDense()!, scaler(scaling), NAMES)
    const ours = new Float32Array(3)
    createPlainKernel()
      .createNetwork(shape, weights)
      .infer(1, reordered(input, THEIRS, NAMES), ours)

    const theirs = reordered(file.infer(1, input), THEIRS, NAMES)
    for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 6)
  })

  it('brings the scaling into our order too', () => {
    const { given, plan } = importNetwork(model([3, 2, 3], 'sigmoid'), scaler('minmax'), NAMES)

    expect(given).toEqual({ minimum: Float32Array.of(2, 3, 1), range: Float32Array.of(20, 30, 10) })
    expect(plan).toEqual({ hidden: [2], context: false, scaling: 'minmax' })
  })

  it('refuses what it cannot use, and says why', () => {
    const network = model([3, 2, 3], 'sigmoid')

    expect(() => importNetwork(network, scaler('minmax', ['memory', 'cpu', 'net']), NAMES)).toThrow(
      /lacks disk; .*no net/,
    )
    expect(() => importNetwork(model([3, 2], 'sigmoid'), scaler('minmax'), NAMES)).toThrow(/takes 3 values and gives 2/)
    expect(() => importNetwork(model([3, 2, 3], 'linear'), scaler('minmax'), NAMES)).toThrow(/must be sigmoid/)
    expect(() => importNetwork(model([3, 2, 3], 'sigmoid', 'tanh'), scaler('minmax'), NAMES)).toThrow(
      /layer 1 ends in tanh/,
    )
    expect(() => importNetwork(model([9, 2, 3], 'sigmoid'), scaler('minmax'), NAMES)).toThrow(/recent past/)
  })
})
