import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dynamicRangeFile, storedWeightsFile } from '../../../test/fixtures/tflite/quantized.ts'
import { randomModel, randomRows } from '../../../test/fixtures/tflite/random-model.ts'
import { LIMITS } from './decode.ts'
import { encodeGraph } from './encode.ts'
import { TfliteError } from './error.ts'
import type { Graph } from './graph.ts'
import { readTflite } from './read.ts'
import { OP, TYPE } from './schema.ts'
import { writeTflite } from './write.ts'

const MODEL = randomModel([6, 4, 6], 'relu', 'sigmoid', 1)
const FILE = writeTflite(MODEL)

/** A graph of one op on one value, changed as a test needs. */
function graph(changes: Partial<Graph> = {}): Graph {
  return {
    name: '',
    description: '',
    tensors: [
      { name: 'input', shape: [1, 6], type: TYPE.float32 },
      { name: 'output', shape: [1, 6], type: TYPE.float32 },
    ],
    operators: [{ code: OP.relu, version: 1, inputs: [0], outputs: [1] }],
    inputs: [0],
    outputs: [1],
    ...changes,
  }
}

function failure(file: Uint8Array): TfliteError {
  try {
    readTflite(file)
  } catch (error) {
    if (error instanceof TfliteError) return error
    throw error
  }
  throw new Error('the file was read')
}

describe('a model read', () => {
  it('computes activation(W·x + b) for each row', () => {
    const layer = { inputs: 2, outputs: 1, weights: Float32Array.of(2, -3), bias: Float32Array.of(0.5) }
    const model = readTflite(writeTflite({ layers: [{ ...layer, activation: 'relu' }] }))

    const output = model.infer(2, Float32Array.of(1, 0.25, 1, 2))

    expect([...output]).toEqual([2 * 1 - 3 * 0.25 + 0.5, Math.max(0, 2 * 1 - 3 * 2 + 0.5)])
  })

  it('tells its sizes, names and batch', () => {
    const { inputs, outputs, name, description, batch } = readTflite(
      writeTflite(MODEL, { name: 'web', description: 'v1' }),
    )

    expect({ inputs, outputs, name, description, batch }).toEqual({
      inputs: 6,
      outputs: 6,
      name: 'web',
      description: 'v1',
      batch: 1,
    })
  })

  it('is dynamic where the shape signature says −1', () => {
    const tensors = graph().tensors.map((tensor) => ({ ...tensor, signature: [-1, 6] }))

    const model = readTflite(encodeGraph(graph({ tensors })))

    expect(model.batch).toBe('dynamic')
    expect(model.infer(3, randomRows(3, 6, 1)).length).toBe(18)
  })

  it('runs a static batch of several rows row by row', () => {
    const tensors = graph().tensors.map((tensor) => ({ ...tensor, shape: [4, 6] }))

    const model = readTflite(encodeGraph(graph({ tensors })))

    expect(model.batch).toBe(4)
    expect([...model.infer(1, Float32Array.of(-1, 2, -3, 4, -5, 6))]).toEqual([0, 2, 0, 4, 0, 6])
  })

  it('gives rows the same results alone and together', () => {
    const model = readTflite(FILE)
    const rows = randomRows(5, 6, 1)

    const together = model.infer(5, rows)

    for (let row = 0; row < 5; row++) {
      expect(model.infer(1, rows.slice(row * 6, row * 6 + 6))).toEqual(together.slice(row * 6, row * 6 + 6))
    }
  })

  it('refuses input that is not rows × inputs long', () => {
    expect(() => readTflite(FILE).infer(2, new Float32Array(11))).toThrow(RangeError)
  })
})

describe('conversion to dense layers', () => {
  it('gives back what was written', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 6 })
    const activation = fc.constantFrom('relu', 'sigmoid', 'tanh', 'linear')
    fc.assert(
      fc.property(sizes, activation, activation, fc.integer(), (sizes, hidden, last, seed) => {
        const model = randomModel(sizes, hidden, last, seed)
        expect(readTflite(writeTflite(model)).toDense()).toEqual(model)
      }),
    )
  })

  it('takes weights stored as float16, rounded', () => {
    const layers = readTflite(storedWeightsFile(MODEL, 'float16')).toDense()?.layers ?? []

    expect(layers.length).toBe(2)
    for (const [i, { weights }] of layers.entries()) {
      for (const [j, w] of weights.entries()) expect(Math.abs(w - MODEL.layers[i].weights[j])).toBeLessThan(2 ** -11)
    }
  })

  it('is not offered for quantised layers', () => {
    const file = dynamicRangeFile(MODEL, { perChannel: true, asymmetricInputs: true })

    expect(readTflite(file).toDense()).toBeUndefined()
  })
})

describe('a file we do not evaluate', () => {
  it.each([
    [3, 'CONV_2D'],
    [25, 'SOFTMAX'],
    [150, 'GELU'],
    [9999, 'BUILTIN_9999'],
  ])('names op %i as %s', (code, name) => {
    const error = failure(encodeGraph(graph({ operators: [{ code, version: 1, inputs: [0], outputs: [1] }] })))

    expect(error.reason).toBe('unsupported')
    expect(error.message).toContain(`op ${name} is not supported`)
  })

  it('names a type', () => {
    const tensors = graph().tensors.map((tensor) => ({ ...tensor, type: 3 }))

    expect(failure(encodeGraph(graph({ tensors }))).message).toBe('tensor "input" is UINT8 where FLOAT32 is supported')
  })

  it('says that several inputs are too many', () => {
    expect(failure(encodeGraph(graph({ inputs: [0, 1] }))).message).toContain('2 inputs')
  })

  it('says which tensor does not fill its shape', () => {
    const tensors = [graph().tensors[0], { ...graph().tensors[1], shape: [1, 7] }]

    const error = failure(encodeGraph(graph({ tensors })))

    expect(error.reason).toBe('corrupt')
    expect(error.message).toContain('"output" of shape [1,7]')
  })

  it('refuses an op that reads what is not computed yet', () => {
    const operators = [{ code: OP.relu, version: 1, inputs: [1], outputs: [1] }]

    expect(failure(encodeGraph(graph({ operators }))).reason).toBe('corrupt')
  })

  it('refuses shapes and files past the caps', () => {
    const tensors = graph().tensors.map((tensor) => ({ ...tensor, shape: [65_536, 65_536] }))

    expect(failure(encodeGraph(graph({ tensors }))).reason).toBe('too_large')
    expect(failure(new Uint8Array(LIMITS.fileBytes + 1)).reason).toBe('too_large')
  })
})

describe('a damaged file', () => {
  const files = [FILE, dynamicRangeFile(MODEL, { perChannel: true, asymmetricInputs: true })]

  /** Reads and runs; a TfliteError is a fine answer. */
  function survives(file: Uint8Array): void {
    try {
      const model = readTflite(file)
      model.infer(1, new Float32Array(model.inputs))
      model.toDense()
    } catch (error) {
      if (!(error instanceof TfliteError)) throw error
    }
  }

  it('is refused wherever it is cut off', () => {
    for (const file of files) {
      for (let length = 0; length < file.length - 8; length++) {
        expect(failure(file.slice(0, length)).reason).toMatch(/corrupt|unsupported/)
      }
    }
  })

  it('gives a TfliteError, or a result, whichever bytes are changed', () => {
    const edits = fc.array(fc.tuple(fc.nat(4096), fc.nat(255)), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(fc.constantFrom(...files), edits, (file, edits) => {
        const damaged = file.slice()
        for (const [at, value] of edits) damaged[at % damaged.length] = value
        survives(damaged)
      }),
      { numRuns: 5000 },
    )
  })

  it('gives a TfliteError for bytes that only start like one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        const file = new Uint8Array(8 + noise.length)
        file.set([noise.length % 64, 0, 0, 0, 0x54, 0x46, 0x4c, 0x33])
        file.set(noise, 8)
        survives(file)
      }),
    )
  })
})
