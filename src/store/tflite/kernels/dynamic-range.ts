import type { FusedActivation } from './activation.ts'
import { activate } from './fully-connected.ts'
import { roundHalfEven, toInt8 } from './rounding.ts'

/** A dense layer with int8 weights and float32 activations. */
interface DynamicRangeLayer {
  readonly examples: number
  readonly inputs: number
  readonly outputs: number
  /** Row-major, outputs × inputs; real weight = scale of its row × stored weight. */
  readonly weights: Int8Array
  /** One per output. */
  readonly scales: Float32Array
  readonly bias: Float32Array
  readonly activation: FusedActivation
}

/**
 * Quantises each example to int8 by its own range, multiplies in integers and scales back.
 *
 * This is what LiteRT runs (XNNPACK `qd8-f32-qc8w`): the range is widened to hold 0 and mapped onto −128 … 127 with a
 * zero point, whatever the file's `asymmetric_quantize_inputs` says; one scale for all rows is spread over them. The
 * older TensorFlow Lite kernel, symmetric by default, differs from it by up to a quantum.
 *
 * Sources: XNNPACK src/xnnpack/quantization.h; measured against LiteRT 2.5.
 *
 * @param quantized scratch for one example, at least `inputs` long
 */
export function dynamicRange(
  layer: DynamicRangeLayer,
  input: Float32Array,
  output: Float32Array,
  quantized: Int8Array,
): void {
  const { examples, inputs, outputs, weights, scales, bias, activation } = layer
  for (let e = 0; e < examples; e++) {
    const { scale, zeroPoint } = exampleRange(input, e * inputs, inputs)
    for (let i = 0; i < inputs; i++) quantized[i] = toInt8(Math.fround(input[e * inputs + i] * scale), zeroPoint)
    const inverse = Math.fround(1 / scale)
    for (let o = 0; o < outputs; o++) {
      let sum = 0
      const row = o * inputs
      for (let i = 0; i < inputs; i++) sum += (quantized[i] - zeroPoint) * weights[row + i]
      const real = Math.fround(Math.fround(Math.fround(sum) * inverse) * scales[o] + bias[o])
      output[e * outputs + o] = activate(real, activation)
    }
  }
}

/** Steps per unit, and the int8 that stands for 0, so that the example's range with 0 fills −128 … 127. */
function exampleRange(input: Float32Array, from: number, inputs: number): { scale: number; zeroPoint: number } {
  let min = 0
  let max = 0
  for (let i = from; i < from + inputs; i++) {
    if (input[i] < min) min = input[i]
    if (input[i] > max) max = input[i]
  }
  const scale = min === max ? 1 : Math.fround(255 / Math.fround(max - min))
  const low = Math.fround(min * scale)
  const high = Math.fround(max * scale)
  // The end whose own error is smaller is met exactly.
  const zeroPoint = Math.fround(-128 + low) + Math.fround(127 + high) > 0 ? -128 - low : 127 - high
  return { scale, zeroPoint: roundHalfEven(Math.max(-128, Math.min(127, Math.fround(zeroPoint)))) }
}
