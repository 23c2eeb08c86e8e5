/** Argument checks and defaults shared by both kernels. They throw RangeError naming what was expected. */
import { type NetworkShape, type TrainerOptions, weightCount } from './kernel.ts'

/** Keeps every size and address computation well inside 32 bits. */
const WIDEST = 65_536

export interface TrainerSettings {
  readonly shape: NetworkShape
  readonly rows: number
  readonly targets: Float32Array
  readonly batch: number
  readonly learningRate: number
  /** Infinity: the step size stays as it is. */
  readonly decaySteps: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

export function checkLength(what: string, array: ArrayLike<number>, expected: number): void {
  if (array.length !== expected) throw new RangeError(`${what}: expected ${expected} numbers, got ${array.length}`)
}

/** An integer between `least` and `most`. */
export function checkInteger(what: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new RangeError(`${what}: expected an integer from ${least} to ${most}, got ${value}`)
}

export function checkWidth(what: string, value: number): void {
  checkInteger(what, value, 1, WIDEST)
}

/** Checks a shape and returns a frozen copy that later changes by the caller cannot reach. */
export function checkedShape(shape: NetworkShape): NetworkShape {
  if (shape.sizes.length < 2) throw new RangeError(`sizes: expected at least 2 widths, got ${shape.sizes.length}`)
  for (const size of shape.sizes) checkWidth('layer width', size)
  if (shape.output !== 'sigmoid' && shape.output !== 'linear') {
    throw new RangeError(`output: expected 'sigmoid' or 'linear', got ${String(shape.output)}`)
  }
  return Object.freeze({ sizes: Object.freeze([...shape.sizes]), output: shape.output })
}

export function firstWidth(shape: NetworkShape): number {
  return shape.sizes[0] ?? 0
}

export function lastWidth(shape: NetworkShape): number {
  return shape.sizes[shape.sizes.length - 1] ?? 0
}

export function checkWeights(shape: NetworkShape, weights: Float32Array): void {
  checkLength('weights', weights, weightCount(shape.sizes))
}

export function checkMatrix(what: string, rows: number, width: number, matrix: Float32Array): void {
  checkInteger('rows', rows, 0)
  checkLength(`${what} (${rows} rows x ${width})`, matrix, rows * width)
}

/** Models evaluated together must agree in what goes in and what comes out. */
export function checkSameWidths(first: NetworkShape, shape: NetworkShape): void {
  if (firstWidth(shape) === firstWidth(first) && lastWidth(shape) === lastWidth(first)) return
  const expected = `${firstWidth(first)} -> ${lastWidth(first)}`
  throw new RangeError(`models: expected all ${expected}, got one ${firstWidth(shape)} -> ${lastWidth(shape)}`)
}

function checkNumber(what: string, value: number, ok: boolean): void {
  if (!ok) throw new RangeError(`${what}: ${value} is out of range`)
}

/** Fills in the defaults and checks everything except the permutation. */
export function trainerSettings(options: TrainerOptions): TrainerSettings {
  const shape = checkedShape(options.shape)
  checkWeights(shape, options.weights)
  checkMatrix('inputs', options.rows, firstWidth(shape), options.inputs)
  const targets = options.targets ?? options.inputs
  checkMatrix('targets', options.rows, lastWidth(shape), targets)
  const {
    batch = 32,
    learningRate = 1e-3,
    decaySteps = Number.POSITIVE_INFINITY,
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
  } = options
  checkInteger('batch', batch, 1, WIDEST)
  checkNumber('learningRate', learningRate, learningRate >= 0 && Number.isFinite(learningRate))
  checkNumber('decaySteps', decaySteps, decaySteps > 0)
  checkNumber('beta1', beta1, beta1 >= 0 && beta1 < 1)
  checkNumber('beta2', beta2, beta2 >= 0 && beta2 < 1)
  checkNumber('epsilon', epsilon, epsilon > 0 && Number.isFinite(epsilon))
  return { shape, rows: options.rows, targets, batch, learningRate, decaySteps, beta1, beta2, epsilon }
}

export function checkPermutation(permutation: Uint32Array, rows: number): void {
  for (let i = 0; i < permutation.length; i++) {
    const row = permutation[i] ?? 0
    if (row >= rows) throw new RangeError(`permutation: row ${row} at ${i}, but there are only ${rows} rows`)
  }
}

export function checkRange(from: number, to: number, rows: number): void {
  checkInteger('to', to, 0, rows)
  checkInteger('from', from, 0, to)
}

export function checkLambda(lambda: number): void {
  checkNumber('lambda', lambda, lambda >= 0 && Number.isFinite(lambda))
}
