import type { Unary } from './activation.ts'
import { toInt8 } from './rounding.ts'

/** Affine int8: real = scale · (stored − zeroPoint). */
export interface Affine {
  readonly scale: number
  /** −128 … 127 */
  readonly zeroPoint: number
}

/** A dense layer with int8 weights, activations and results. */
interface Int8Layer {
  readonly examples: number
  readonly inputs: number
  readonly outputs: number
  /** Row-major, outputs × inputs, symmetric: zero point 0. */
  readonly weights: Int8Array
  /** In steps of input scale × weight scale. */
  readonly bias: Int32Array
  readonly inputZeroPoint: number
  /** One per output: input scale × weight scale / output scale, float32. */
  readonly multipliers: Float32Array
  readonly outputZeroPoint: number
  /** Range of the stored results; narrower than −128 … 127 when an activation is fused. */
  readonly min: number
  readonly max: number
}

/** Integer sums scaled in float32 and rounded half to even, as XNNPACK (`qs8-qc8w`, fp32 requantisation) does. */
export function int8FullyConnected(layer: Int8Layer, input: Int8Array, output: Int8Array): void {
  const { examples, inputs, outputs, weights, bias, inputZeroPoint, multipliers, outputZeroPoint, min, max } = layer
  for (let e = 0; e < examples; e++) {
    for (let o = 0; o < outputs; o++) {
      let sum = bias[o]
      const row = o * inputs
      for (let i = 0; i < inputs; i++) sum += (input[e * inputs + i] - inputZeroPoint) * weights[row + i]
      const scaled = Math.fround(Math.fround(sum) * multipliers[o])
      output[e * outputs + o] = toInt8(scaled, outputZeroPoint, min, max)
    }
  }
}

export function quantize(input: Float32Array, output: Int8Array, { scale, zeroPoint }: Affine): void {
  const steps = Math.fround(1 / scale)
  for (let i = 0; i < input.length; i++) output[i] = toInt8(Math.fround(input[i] * steps), zeroPoint)
}

export function dequantize(input: Int8Array, output: Float32Array, { scale, zeroPoint }: Affine): void {
  for (let i = 0; i < input.length; i++) output[i] = scale * (input[i] - zeroPoint)
}

/** f on int8 as a table of all 256 inputs, at index stored + 128. */
export function int8Table(f: Unary, from: Affine, to: Affine): Int8Array {
  return Int8Array.from({ length: 256 }, (_, i) => {
    const real = f(Math.fround(from.scale * (i - 128 - from.zeroPoint)))
    return toInt8(Math.fround(real / to.scale), to.zeroPoint)
  })
}
