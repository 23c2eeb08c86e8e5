import { createRandom, type Random, shuffle } from '../../../src/domain/random.ts'
import { type Baseline, scale } from './baseline.ts'
import { rowMeans } from './pca.ts'

const HIDDEN = [14, 8, 4, 8, 14]
const BATCH = 32
const LEARNING_RATE = 1e-3
/** The original trains 100 epochs on 5,000 rows; 20 on 23,000 are as many steps. */
const EPOCHS = 20

/**
 * The first seed's autoencoder, n-14-8-4-8-14-n: ReLU, sigmoid at the end, mean squared error, Adam 1e-3 (Kingma & Ba,
 * 2015), batches of 32. Score: mean squared error of the scaled row. Plain code, for comparison only.
 */
export const autoencoder: Baseline = {
  name: 'autoencoder 14-8-4-8-14',
  score(train, test, seed) {
    const scaled = scale(train, test)
    const layers = learn(scaled.train, scaled.width, createRandom(seed))
    const parts = squaredErrors(layers, scaled.test, scaled.width)
    const trainParts = squaredErrors(layers, scaled.train, scaled.width)
    return { test: rowMeans(parts, scaled.width), train: rowMeans(trainParts, scaled.width), parts }
  },
}

interface Layer {
  readonly inputs: number
  readonly outputs: number
  /** Outputs × (inputs + 1): each row ends in its bias. */
  readonly weights: Float64Array
  readonly gradient: Float64Array
  readonly momentum: Float64Array
  readonly variance: Float64Array
  readonly activation: Float64Array
  readonly delta: Float64Array
  readonly last: boolean
}

/** Uniform in ±√(6/(in + out)), biases 0: Glorot & Bengio, 2010. */
function createLayer(inputs: number, outputs: number, last: boolean, random: Random): Layer {
  const size = outputs * (inputs + 1)
  const limit = Math.sqrt(6 / (inputs + outputs))
  const weights = Float64Array.from({ length: size }, (_, i) =>
    i % (inputs + 1) === inputs ? 0 : (2 * random() - 1) * limit,
  )
  const zeros = () => new Float64Array(size)
  const rows = () => new Float64Array(outputs)
  return {
    ...{ inputs, outputs, weights, last },
    ...{ gradient: zeros(), momentum: zeros(), variance: zeros(), activation: rows(), delta: rows() },
  }
}

function learn(rows: Float32Array, width: number, random: Random): Layer[] {
  const sizes = [width, ...HIDDEN, width]
  const layers = sizes.slice(1).map((outputs, i) => createLayer(sizes[i], outputs, i === sizes.length - 2, random))
  const order = Int32Array.from({ length: rows.length / width }, (_, i) => i)
  let step = 0
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    shuffle(order, random)
    for (let at = 0; at < order.length; at += BATCH) {
      const batch = order.subarray(at, at + BATCH)
      for (const row of batch) {
        const input = rows.subarray(row * width, (row + 1) * width)
        forward(layers, input)
        backward(layers, input)
      }
      adam(layers, batch.length, ++step)
    }
  }
  return layers
}

function forward(layers: readonly Layer[], input: ArrayLike<number>): Float64Array {
  let from = input
  for (const { inputs, outputs, weights, activation, last } of layers) {
    for (let o = 0; o < outputs; o++) {
      const base = o * (inputs + 1)
      let sum = weights[base + inputs]
      for (let i = 0; i < inputs; i++) sum += weights[base + i] * from[i]
      activation[o] = last ? 1 / (1 + Math.exp(-sum)) : Math.max(0, sum)
    }
    from = activation
  }
  return layers[layers.length - 1].activation
}

/** Adds one row's gradient of the mean squared error. */
function backward(layers: readonly Layer[], input: ArrayLike<number>): void {
  const top = layers[layers.length - 1]
  for (let o = 0; o < top.outputs; o++) {
    const y = top.activation[o]
    top.delta[o] = (2 / top.outputs) * (y - input[o]) * y * (1 - y)
  }
  for (let k = layers.length - 1; k >= 0; k--) {
    const { inputs, outputs, weights, gradient, delta } = layers[k]
    const from = k === 0 ? input : layers[k - 1].activation
    const below = k === 0 ? undefined : layers[k - 1].delta.fill(0)
    for (let o = 0; o < outputs; o++) {
      if (delta[o] === 0) continue
      const base = o * (inputs + 1)
      for (let i = 0; i < inputs; i++) {
        gradient[base + i] += delta[o] * from[i]
        if (below !== undefined && from[i] > 0) below[i] += delta[o] * weights[base + i]
      }
      gradient[base + inputs] += delta[o]
    }
  }
}

function adam(layers: readonly Layer[], rows: number, step: number): void {
  const rate = (LEARNING_RATE * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step)
  for (const { weights, gradient, momentum, variance } of layers) {
    for (let i = 0; i < weights.length; i++) {
      const g = gradient[i] / rows
      momentum[i] += 0.1 * (g - momentum[i])
      variance[i] += 0.001 * (g * g - variance[i])
      weights[i] -= (rate * momentum[i]) / (Math.sqrt(variance[i]) + 1e-7)
      gradient[i] = 0
    }
  }
}

function squaredErrors(layers: readonly Layer[], rows: Float32Array, width: number): Float32Array {
  const result = new Float32Array(rows.length)
  for (let at = 0; at < rows.length; at += width) {
    const input = rows.subarray(at, at + width)
    const output = forward(layers, input)
    for (let f = 0; f < width; f++) result[at + f] = (output[f] - input[f]) ** 2
  }
  return result
}
