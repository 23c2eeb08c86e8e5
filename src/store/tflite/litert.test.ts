import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileWithLiteRt } from '../../../test/fixtures/tflite/litert.ts'
import { dynamicRangeFile, int8File, storedWeightsFile } from '../../../test/fixtures/tflite/quantized.ts'
import { randomModel, randomRows } from '../../../test/fixtures/tflite/random-model.ts'
import { encodeGraph } from './encode.ts'
import type { Graph } from './graph.ts'
import { readTflite } from './read.ts'
import { FUSED, OP, TYPE } from './schema.ts'
import { writeTflite } from './write.ts'

/** Greatest difference from LiteRT over the rows, each relative to the greater of 1 and LiteRT's value. */
async function differences(file: Uint8Array, input: Float32Array, judged = file): Promise<Float64Array> {
  const ours = readTflite(file)
  const rows = input.length / ours.inputs
  const litert = await compileWithLiteRt(judged)
  const expected = await litert.run(input, ours.inputs)
  litert.delete()
  const actual = ours.infer(rows, input)
  expect(actual.length).toBe(expected.length)
  return Float64Array.from({ length: rows }, (_, row) => {
    let greatest = 0
    for (let i = row * ours.outputs; i < (row + 1) * ours.outputs; i++) {
      greatest = Math.max(greatest, Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i])))
    }
    return greatest
  })
}

const sizes = fc.array(fc.integer({ min: 1, max: 48 }), { minLength: 2, maxLength: 7 })
const activation = fc.constantFrom('relu', 'sigmoid', 'tanh', 'linear')
const network = fc.record({ sizes, hidden: activation, last: activation, seed: fc.integer() })

describe('beside LiteRT', () => {
  it('gives the results of float32 networks within 1e-6', async () => {
    const property = fc.asyncProperty(network, async ({ sizes, hidden, last, seed }) => {
      const file = writeTflite(randomModel(sizes, hidden, last, seed))
      const found = await differences(file, randomRows(20, sizes[0], seed + 1))
      expect(Math.max(...found)).toBeLessThan(1e-6)
    })
    await fc.assert(property, { numRuns: 150 })
  })

  it('reconstructs rows of a real host within 1e-6', async () => {
    const { rows } = JSON.parse(
      readFileSync(new URL('../../../test/fixtures/tflite/host-rows.json', import.meta.url), 'utf8'),
    )
    const file = writeTflite(randomModel([12, 14, 8, 4, 8, 14, 12], 'relu', 'sigmoid', 1))

    const found = await differences(file, Float32Array.from(rows.flat()))

    expect(found.length).toBe(120)
    expect(Math.max(...found)).toBeLessThan(1e-6)
  })

  it('gives the results of weights stored as int8 or float16 within 2e-6', async () => {
    const property = fc.asyncProperty(network, fc.constantFrom('int8', 'float16'), async (net, type) => {
      const file = storedWeightsFile(randomModel(net.sizes, net.hidden, net.last, net.seed), type)
      const found = await differences(file, randomRows(20, net.sizes[0], net.seed + 1))
      expect(Math.max(...found)).toBeLessThan(2e-6)
    })
    await fc.assert(property, { numRuns: 60 })
  })

  it('gives the results of dynamic-range int8 networks within 1e-6, but for a rare step of a hidden value', async () => {
    const found: number[] = []
    const options = fc.record({ perChannel: fc.boolean(), asymmetricInputs: fc.boolean() })
    const property = fc.asyncProperty(network, options, async ({ sizes, hidden, last, seed }, choice) => {
      const file = dynamicRangeFile(randomModel(sizes, hidden, last, seed), choice)
      found.push(...(await differences(file, randomRows(20, sizes[0], seed + 1))))
    })
    await fc.assert(property, { numRuns: 150 })

    // A hidden tanh or sigmoid that differs in its last bit may round to the next of 255 steps.
    expect(found.filter((difference) => difference > 1e-6).length / found.length).toBeLessThan(0.01)
    expect(Math.max(...found)).toBeLessThan(0.05)
  })

  it('gives the results of int8 networks exactly', async () => {
    const property = fc.asyncProperty(network, async ({ sizes, hidden, last, seed }) => {
      const ranges = [[-0.25, 1.25] as const, ...sizes.slice(1).map(() => [-2, 2] as const)]
      const file = int8File(randomModel(sizes, hidden, last, seed), ranges)
      const found = await differences(file, randomRows(20, sizes[0], seed + 1))
      expect(Math.max(...found)).toBe(0)
    })
    await fc.assert(property, { numRuns: 100 })
  })

  it.each([FUSED.none, FUSED.relu, FUSED.reluN1To1, FUSED.relu6])(
    'applies fused activation %i as it does',
    async (code) => {
      const found = await differences(
        encodeGraph(graph({ activation: code })),
        randomRows(50, 6, 3).map((x) => x * 8),
      )

      expect(Math.max(...found)).toBe(0)
    },
  )

  it('runs a file of dynamic batch like the same file of one row', async () => {
    const found = await differences(encodeGraph(graph({ batch: -1 })), randomRows(50, 6, 3), encodeGraph(graph({})))

    expect(Math.max(...found)).toBe(0)
  })

  it('follows RESHAPE into several examples a row, and a layer without bias', async () => {
    const tensors = [
      { name: 'input', shape: [1, 6], type: TYPE.float32 },
      { name: 'shape', shape: [2], type: TYPE.int32, data: bytes(Int32Array.of(2, 3)) },
      { name: 'folded', shape: [2, 3], type: TYPE.float32 },
      { name: 'weights', shape: [2, 3], type: TYPE.float32, data: bytes(randomRows(2, 3, 1)) },
      { name: 'output', shape: [2, 2], type: TYPE.float32 },
    ]
    const operators = [
      {
        code: OP.reshape,
        version: 1,
        inputs: [0, 1],
        outputs: [2],
        options: { kind: 'reshape', shape: [2, 3] } as const,
      },
      { code: OP.fullyConnected, version: 1, inputs: [2, 3, -1], outputs: [4], options: dense(FUSED.none) },
    ]
    const file = encodeGraph({ name: '', description: '', tensors, operators, inputs: [0], outputs: [4] })

    const found = await differences(file, randomRows(50, 6, 3))

    expect(Math.max(...found)).toBe(0)
  })
})

/** One layer, 6 → 4. */
function graph({ activation = FUSED.none as number, batch = 1 }): Graph {
  const signature = (width: number) => (batch === 1 ? undefined : [batch, width])
  return {
    name: 'one layer',
    description: '',
    tensors: [
      { name: 'input', shape: [1, 6], type: TYPE.float32, signature: signature(6) },
      { name: 'weights', shape: [4, 6], type: TYPE.float32, data: bytes(randomRows(4, 6, 1).map((w) => w - 0.5)) },
      { name: 'bias', shape: [4], type: TYPE.float32, data: bytes(randomRows(1, 4, 2)) },
      { name: 'output', shape: [1, 4], type: TYPE.float32, signature: signature(4) },
    ],
    operators: [{ code: OP.fullyConnected, version: 1, inputs: [0, 1, 2], outputs: [3], options: dense(activation) }],
    inputs: [0],
    outputs: [3],
  }
}

function dense(activation: number) {
  return { kind: 'fully_connected', activation, weightsFormat: 0, keepDims: false, asymmetricInputs: false } as const
}

function bytes(values: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
