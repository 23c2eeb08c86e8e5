import type { FusedActivation } from './activation.ts'

/** A dense layer in float32: y = activation(W·x + b), for `examples` inputs standing one after another. */
interface FullyConnected {
  readonly examples: number
  readonly inputs: number
  readonly outputs: number
  /** Row-major, outputs × inputs. */
  readonly weights: Float32Array
  readonly bias: Float32Array
  readonly activation: FusedActivation
}

/**
 * Sums from the bias on in the order of the inputs, rounded to float32 at each step with the product kept exact, as
 * LiteRT's fused multiply-add does; other orders differ in the last bits.
 */
export function fullyConnected(layer: FullyConnected, input: Float32Array, output: Float32Array): void {
  const { examples, inputs, outputs, weights, bias, activation } = layer
  for (let e = 0; e < examples; e++) {
    for (let o = 0; o < outputs; o++) {
      let sum = bias[o]
      const row = o * inputs
      const from = e * inputs
      for (let i = 0; i < inputs; i++) sum = Math.fround(sum + input[from + i] * weights[row + i])
      output[e * outputs + o] = activate(sum, activation)
    }
  }
}

/** NaN stays NaN. */
export function activate(value: number, { min, max, tanh }: FusedActivation): number {
  if (tanh) return Math.tanh(value)
  return value < min ? min : value > max ? max : value
}
