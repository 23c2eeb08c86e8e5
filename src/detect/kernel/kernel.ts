/**
 * Numeric kernel: small dense networks, per-host linear models and least squares.
 *
 * Two implementations give the same answers within 1e-5: `createWasmKernel` (WebAssembly SIMD) and
 * `createPlainKernel` (TypeScript only). Both are deterministic; whatever is random (initial weights, the
 * order of minibatches) comes in as a parameter. All matrices are flat, row-major Float32Arrays.
 */

export type OutputActivation = 'sigmoid' | 'linear'

/** Layer widths from input to output (at least two); hidden layers are ReLU. */
export interface NetworkShape {
  readonly sizes: readonly number[]
  readonly output: OutputActivation
}

/** A resident dense network. Its weights stay in kernel memory until `dispose()`. */
export interface Network {
  readonly shape: NetworkShape
  /** Evaluates `rows` rows: inputs [rows][first width] to outputs [rows][last width]. */
  infer(rows: number, inputs: Float32Array, outputs: Float32Array): void
  /** A copy of the weights, in the order `createNetwork` takes them. */
  weights(): Float32Array
  /** Gives the memory back. Harmless when repeated; any other use afterwards throws. */
  dispose(): void
}

/** A resident linear model y = W x. */
export interface Linear {
  readonly outputs: number
  readonly inputs: number
  /** Evaluates `rows` rows: inputs [rows][inputs] to results [rows][outputs]. */
  apply(rows: number, inputs: Float32Array, results: Float32Array): void
  /** A copy of W, [outputs][inputs]. */
  weights(): Float32Array
  dispose(): void
}

export interface TrainerOptions {
  readonly shape: NetworkShape
  /** Starting weights, flat as for `createNetwork`; see `initialWeights`. */
  readonly weights: Float32Array
  readonly rows: number
  /** [rows][first width] */
  readonly inputs: Float32Array
  /** [rows][last width]; left out: the inputs themselves (a plain autoencoder). */
  readonly targets?: Float32Array
  /** Rows per minibatch, default 32. */
  readonly batch?: number
  /** Adam's step size, default 1e-3. */
  readonly learningRate?: number
  /** Steps over which the step size falls to 0 along half a cosine; left out: it stays as it is. */
  readonly decaySteps?: number
  /** Adam's decay of the first moment, default 0.9. */
  readonly beta1?: number
  /** Adam's decay of the second moment, default 0.999. */
  readonly beta2?: number
  /** Adam's guard against division by zero, default 1e-8. */
  readonly epsilon?: number
}

/** Trains one network on resident data: mean squared error, Adam with bias correction. */
export interface Trainer {
  readonly shape: NetworkShape
  /**
   * One pass over the rows named by `permutation`, in that order, in minibatches (the last one may be
   * smaller). It may name a part of the rows only, or a row several times. Returns the mean squared error
   * per output, each batch measured before its own step; NaN for an empty permutation.
   */
  epoch(permutation: Uint32Array): number
  /** Mean squared error per output over rows `from` (included) to `to` (excluded); NaN if there are none. */
  loss(from: number, to: number): number
  /** A copy of the current weights. */
  weights(): Float32Array
  dispose(): void
}

/** Ridge regression Y = X W^T, fed piece by piece; sums are kept in float64. */
export interface Ridge {
  readonly outputs: number
  readonly inputs: number
  /** Adds rows: x [rows][inputs], y [rows][outputs]. */
  add(rows: number, x: Float32Array, y: Float32Array): void
  /**
   * W [outputs][inputs] with (X^T X + lambda I) W^T = X^T Y, ready for `createLinear`. May be called
   * repeatedly, e.g. for several lambdas. Throws RangeError where the matrix is not positive definite.
   */
  solve(lambda: number): Float32Array
  dispose(): void
}

export interface Kernel {
  readonly name: 'wasm-simd' | 'plain'
  /** `weights`: per layer row-major [out][in], then bias [out]. */
  createNetwork(shape: NetworkShape, weights: Float32Array): Network
  /** `weights`: [outputs][inputs]. */
  createLinear(outputs: number, inputs: number, weights: Float32Array): Linear
  /**
   * Evaluates network i on row i, in one boundary crossing. All networks share their input and output
   * widths (hidden widths may differ): inputs [n][in], outputs [n][out].
   */
  inferEach(models: readonly Network[], inputs: Float32Array, outputs: Float32Array): void
  /** The same for linear models. */
  applyEach(models: readonly Linear[], inputs: Float32Array, outputs: Float32Array): void
  createTrainer(options: TrainerOptions): Trainer
  createRidge(outputs: number, inputs: number): Ridge
}

/** Number of weights and biases of a network. */
export function weightCount(sizes: readonly number[]): number {
  let count = 0
  for (let l = 1; l < sizes.length; l++) count += ((sizes[l - 1] ?? 0) + 1) * (sizes[l] ?? 0)
  return count
}

/**
 * Starting weights after Glorot and Bengio: uniform in +-sqrt(6 / (in + out)), biases 0.
 * `random` returns numbers in [0, 1).
 */
export function initialWeights(sizes: readonly number[], random: () => number): Float32Array {
  const weights = new Float32Array(weightCount(sizes))
  let at = 0
  for (let l = 1; l < sizes.length; l++) {
    const inputs = sizes[l - 1] ?? 0
    const outputs = sizes[l] ?? 0
    const limit = Math.sqrt(6 / (inputs + outputs))
    for (let i = 0; i < inputs * outputs; i++) weights[at++] = (2 * random() - 1) * limit
    at += outputs
  }
  return weights
}
