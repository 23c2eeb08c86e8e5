import { compileGraph } from './compile.ts'
import { decodeGraph } from './decode.ts'
import type { DenseModel } from './dense-model.ts'
import type { Graph } from './graph.ts'
import { operatorName } from './operator-name.ts'
import { OP } from './schema.ts'
import { toDenseModel } from './to-dense.ts'

/** A .tflite model ready to run. */
export interface ImportedModel {
  readonly name: string
  readonly description: string
  /** Values of one row going in and coming out. */
  readonly inputs: number
  readonly outputs: number
  /** Rows the file declares for one run, `dynamic` for −1; `infer` takes any number. */
  readonly batch: number | 'dynamic'
  /** Outputs of each dense layer, in the order of evaluation. */
  readonly widths: readonly number[]
  /** The ops that the file is made of, each named once, as in the schema. */
  readonly operators: readonly string[]
  /**
   * Runs the model on each row.
   *
   * @param rows ≥ 0
   * @param input row-major, rows × inputs
   * @returns row-major, rows × outputs
   * @throws {RangeError} when `input` is not rows × inputs long
   */
  infer(rows: number, input: Float32Array): Float32Array
  /** The same model as float32 layers, for our own kernel; `undefined` when it is quantised or not a plain chain. */
  toDense(): DenseModel | undefined
}

/**
 * Reads a .tflite model of dense layers: FULLY_CONNECTED with a fused NONE, RELU, RELU6, RELU_N1_TO_1 or TANH, LOGISTIC,
 * RELU, RELU6, TANH, QUANTIZE, DEQUANTIZE, RESHAPE; float32, float16 or int8 weights, and int8 throughout.
 *
 * Results equal LiteRT's. Largest differences measured against LiteRT 2.5.3 on networks of up to 64 wide, relative to
 * values above 1: float32 4.2e-7, float32 from stored float16 8.9e-7, int8 throughout 0. With int8 weights and float32
 * activations 2.4e-7, but in 6 rows of 10,000 a hidden value that differs in its last bit rounds to the next of its 255
 * steps, which moved a result by up to 0.014.
 *
 * A fused TANH is computed as the schema means it; LiteRT 2.5.3 gives zeros there. Converters do not write it.
 *
 * @throws {TfliteError} `corrupt`, `unsupported` (an op by its name) or `too_large`
 */
export function readTflite(file: Uint8Array): ImportedModel {
  const graph = decodeGraph(file)
  const { input, output, steps, batch } = compileGraph(graph)
  return {
    name: graph.name,
    description: graph.description,
    inputs: input.length,
    outputs: output.length,
    batch,
    widths: widthsOf(graph),
    operators: [...new Set(graph.operators.map(({ code }) => operatorName(code)))],
    toDense: () => toDenseModel(graph, input.length),
    infer(rows, values) {
      if (values.length !== rows * input.length) {
        throw new RangeError(`${values.length} values are not ${rows} rows of ${input.length}`)
      }
      const results = new Float32Array(rows * output.length)
      for (let row = 0; row < rows; row++) {
        input.set(values.subarray(row * input.length, (row + 1) * input.length))
        for (const step of steps) step()
        results.set(output, row * output.length)
      }
      return results
    },
  }
}

/** The weights of a dense layer are outputs × inputs. */
function widthsOf({ operators, tensors }: Graph): number[] {
  return operators
    .filter(({ code }) => code === OP.fullyConnected)
    .map(({ inputs: [, weights] }) => tensors[weights].shape[0])
}
