/** What follows a layer's sum: max(0, x), 1 / (1 + e⁻ˣ), tanh x, or nothing. */
export type Activation = 'relu' | 'sigmoid' | 'tanh' | 'linear'

/** One dense layer: y = activation(W·x + b). */
export interface DenseLayer {
  readonly inputs: number
  readonly outputs: number
  /** Row-major, outputs × inputs: the weights of one output stand together. */
  readonly weights: Float32Array
  /** One per output. */
  readonly bias: Float32Array
  readonly activation: Activation
}

/** A feed-forward network in float32; each layer has as many inputs as the one before has outputs. */
export interface DenseModel {
  readonly layers: readonly DenseLayer[]
}

/**
 * Checks that the layers fit each other and their arrays.
 *
 * @throws {RangeError} naming the first layer that does not
 */
export function assertDenseModel(model: DenseModel): void {
  if (model.layers.length === 0) throw new RangeError('a dense model needs at least one layer')
  for (const [i, layer] of model.layers.entries()) {
    const { inputs, outputs, weights, bias } = layer
    if (!(Number.isInteger(inputs) && Number.isInteger(outputs) && inputs > 0 && outputs > 0)) {
      throw new RangeError(`layer ${i}: sizes must be positive integers, not ${inputs} → ${outputs}`)
    }
    if (weights.length !== inputs * outputs || bias.length !== outputs) {
      throw new RangeError(`layer ${i}: ${weights.length} weights and ${bias.length} biases for ${inputs} → ${outputs}`)
    }
    if (i > 0 && inputs !== model.layers[i - 1].outputs) {
      throw new RangeError(`layer ${i}: ${inputs} inputs after ${model.layers[i - 1].outputs} outputs`)
    }
  }
}
