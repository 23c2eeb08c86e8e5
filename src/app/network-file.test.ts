import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileWithLiteRt } from '../../test/fixtures/tflite/litert.ts'
import { dynamicRangeFile, int8File, storedWeightsFile } from '../../test/fixtures/tflite/quantized.ts'
import { randomModel, randomRows } from '../../test/fixtures/tflite/random-model.ts'
import { weightCount } from '../detect/kernel/kernel.ts'
import { createPlainKernel } from '../detect/kernel/plain.ts'
import { writeTflite } from '../store/tflite/write.ts'
import { importNetwork, openImported } from './imported-network.ts'
import { loadKernel } from './kernel.ts'
import { networkFileOf, networkTensors, openNetworkFile, withNetworkFiles } from './network-file.ts'

const SIZES = [4, 6, 3, 4]
const SHAPE = { sizes: SIZES, output: 'sigmoid' } as const
const kernel = loadKernel()

/** By row: greatest difference of a network among ours from LiteRT's, relative to the greater of 1 and LiteRT's value. */
async function differences(file: Uint8Array, width: number, rows: number, seed: number): Promise<number[]> {
  const names = Array.from({ length: width }, (_, i) => `f${i}`)
  const features = names.toReversed()
  const scaling = { scaling: 'minmax', offset: names.map(() => 0), scale: names.map(() => 1) } as const
  const network = openImported(importNetwork(file, { features, ...scaling }, { names, context: false }), kernel)
  const input = randomRows(rows, width, seed)
  const ours = new Float32Array(rows * width)
  kernel.inferEach(Array(rows).fill(network), input, ours)
  const litert = await compileWithLiteRt(file)
  const turned = (values: Float32Array) => values.map((_, i) => values[i - (i % width) + width - 1 - (i % width)])
  const expected = turned(await litert.run(turned(input), width))
  litert.delete()
  return Array.from({ length: rows }, (_, row) => {
    const own = [...ours.subarray(row * width, (row + 1) * width)]
    return Math.max(...own.map((value, f) => relativeError(value, expected[row * width + f])))
  })
}

function relativeError(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.max(1, Math.abs(expected))
}

const network = fc.record({
  sizes: fc
    .tuple(fc.integer({ min: 1, max: 24 }), fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 1, maxLength: 5 }))
    .map(([width, hidden]) => [width, ...hidden, width]),
  hidden: fc.constantFrom('relu', 'tanh', 'sigmoid'),
  last: fc.constantFrom('sigmoid', 'tanh', 'linear'),
  seed: fc.integer(),
})

describe('an imported network among our own, beside LiteRT', () => {
  it('gives its results within 1e-6 in float32, whatever the activations', async () => {
    const property = fc.asyncProperty(network, async ({ sizes, hidden, last, seed }) => {
      const file = writeTflite(randomModel(sizes, hidden, last, seed))
      expect(Math.max(...(await differences(file, sizes[0], 10, seed)))).toBeLessThan(1e-6)
    })
    await fc.assert(property, { numRuns: 60 })
  })

  it('gives its results with int8 weights within 1e-6, but for a rare step of a hidden value', async () => {
    const found: number[] = []
    const property = fc.asyncProperty(network, fc.boolean(), async ({ sizes, hidden, last, seed }, perChannel) => {
      const file = dynamicRangeFile(randomModel(sizes, hidden, last, seed), { perChannel, asymmetricInputs: true })
      found.push(...(await differences(file, sizes[0], 10, seed)))
    })
    await fc.assert(property, { numRuns: 60 })

    expect(found.filter((difference) => difference > 1e-6).length / found.length).toBeLessThan(0.01)
    expect(Math.max(...found)).toBeLessThan(0.05)
  })

  it('gives its results with int8 throughout, and with stored weights', async () => {
    const model = randomModel(SIZES, 'tanh', 'sigmoid', 3)
    const ranges = SIZES.map((_, i) => (i === 0 ? ([-0.25, 1.25] as const) : ([-2, 2] as const)))

    expect(Math.max(...(await differences(int8File(model, ranges), 4, 50, 1)))).toBe(0)
    expect(Math.max(...(await differences(storedWeightsFile(model, 'float16'), 4, 50, 1)))).toBeLessThan(2e-6)
  })
})

describe('a kernel with network files', () => {
  const file = { bytes: writeTflite(randomModel(SIZES, 'tanh', 'sigmoid', 1)), order: Int32Array.of(0, 1, 2, 3) }

  it.each([
    ['as it was built', kernel],
    ['plain', withNetworkFiles(createPlainKernel())],
  ])('evaluates both kinds of networks in one call, each on its own row: %s', (_, own) => {
    const weights = Float32Array.from({ length: weightCount(SIZES) }, (_, i) => Math.sin(i))
    const ours = own.createNetwork(SHAPE, weights)
    const theirs = openNetworkFile(file, SHAPE)
    const inputs = randomRows(5, 4, 2)
    const outputs = new Float32Array(20)

    own.inferEach([theirs, ours, ours, theirs, ours], inputs, outputs)

    for (const [row, model] of [theirs, ours, ours, theirs, ours].entries()) {
      const alone = new Float32Array(4)
      model.infer(1, inputs.slice(row * 4, row * 4 + 4), alone)
      for (const [f, value] of alone.entries()) expect(outputs[row * 4 + f]).toBeCloseTo(value, 5)
    }
  })

  it('refuses a network of other sizes, and one that was disposed of', () => {
    const gone = openNetworkFile(file, SHAPE)
    gone.dispose()

    expect(() => openNetworkFile(file, { sizes: [5, 3, 5], output: 'sigmoid' })).toThrow(/4 → 4, not 5-3-5/)
    expect(() => gone.infer(1, new Float32Array(4), new Float32Array(4))).toThrow(RangeError)
  })
})

it('a network file comes back from its tensors byte by byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), (bytes) => {
      expect(networkFileOf({ tensors: networkTensors({ bytes, order: Int32Array.of(1, 0) }) })).toEqual({
        bytes,
        order: Int32Array.of(1, 0),
      })
    }),
  )
})
