import { describe, expect, it } from 'vitest'
import { randomModel } from '../../../test/fixtures/tflite/random-model.ts'
import { decodeGraph } from './decode.ts'
import { encodeGraph } from './encode.ts'
import { FUSED, OP } from './schema.ts'
import { writeTflite } from './write.ts'

const MODEL = randomModel([5, 3, 5], 'relu', 'sigmoid', 1)

describe('a written file', () => {
  it('carries the identifier TFL3', () => {
    expect(new TextDecoder().decode(writeTflite(MODEL).subarray(4, 8))).toBe('TFL3')
  })

  it('fuses RELU into its layer and gives LOGISTIC an op of its own', () => {
    const { operators } = decodeGraph(writeTflite(MODEL))

    expect(operators.map(({ code }) => code)).toEqual([OP.fullyConnected, OP.fullyConnected, OP.logistic])
    expect(operators[0].options).toMatchObject({ activation: FUSED.relu })
    expect(operators[1].options).toMatchObject({ activation: FUSED.none })
  })

  it('has a batch of one row, named input and output', () => {
    const { tensors, inputs, outputs } = decodeGraph(writeTflite(MODEL))

    expect(tensors[inputs[0]]).toMatchObject({ name: 'input', shape: [1, 5] })
    expect(tensors[outputs[0]]).toMatchObject({ name: 'output', shape: [1, 5] })
  })

  it('is the same for the same model', () => {
    expect(writeTflite(MODEL)).toEqual(writeTflite(structuredClone(MODEL)))
  })

  it('stays the same through reading and writing', () => {
    const file = writeTflite(MODEL)

    expect(encodeGraph(decodeGraph(file))).toEqual(file)
  })

  it('starts the values of each tensor at a multiple of 16 bytes', () => {
    const file = writeTflite(MODEL)

    for (const { data } of decodeGraph(file).tensors) {
      if (data) expect((data.byteOffset - file.byteOffset) % 16).toBe(0)
    }
  })
})

describe('a model that does not fit together', () => {
  it.each([
    ['no layers', { layers: [] }],
    ['a layer of other inputs than the outputs before', { layers: [MODEL.layers[0], MODEL.layers[0]] }],
    ['too few weights', { layers: [{ ...MODEL.layers[0], weights: new Float32Array(3) }] }],
    ['a size of zero', { layers: [{ ...MODEL.layers[0], inputs: 0 }] }],
  ])('is refused: %s', (_, model) => {
    expect(() => writeTflite(model)).toThrow(RangeError)
  })
})
