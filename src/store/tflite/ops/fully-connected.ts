import { TfliteError } from '../error.ts'
import type { FullyConnectedOptions, Operator, Tensor } from '../graph.ts'
import { type FusedActivation, fusedActivation } from '../kernels/activation.ts'
import { dynamicRange } from '../kernels/dynamic-range.ts'
import { fullyConnected } from '../kernels/fully-connected.ts'
import { type Affine, int8FullyConnected } from '../kernels/int8.ts'
import { roundHalfEven } from '../kernels/rounding.ts'
import { TYPE } from '../schema.ts'
import { affineOf, int8Constant, int32Constant, rowScales } from '../values.ts'
import type { Wiring } from '../wiring.ts'

/** The sizes of a layer, and what follows its sum. */
interface Layer {
  readonly examples: number
  readonly inputs: number
  readonly outputs: number
  readonly activation: FusedActivation
}

/** Chooses the kernel by the types of input and weights. */
export function addFullyConnected(wiring: Wiring, operator: Operator): void {
  const from = wiring.read(operator.inputs[0])
  const weights = weightsOf(wiring, operator)
  const [outputs, inputs] = weights.shape
  const examples = from.length / inputs
  if (!Number.isInteger(examples)) {
    throw new TfliteError(
      'corrupt',
      `op FULLY_CONNECTED: weights "${weights.name}" take ${inputs} of ${from.length} values`,
    )
  }
  wiring.spend(outputs * inputs)
  const layer = { examples, inputs, outputs, activation: activationOf(operator) }
  if (from instanceof Int8Array) addInt8(wiring, operator, layer, from)
  else if (weights.type === TYPE.int8) addDynamicRange(wiring, operator, layer, from)
  else addFloat(wiring, operator, layer, from)
}

function weightsOf(wiring: Wiring, { inputs, options }: Operator): Tensor {
  const weights = inputs.length > 1 && inputs[1] >= 0 ? wiring.tensor(inputs[1]) : undefined
  if (weights?.shape.length !== 2 || weights.shape.some((size) => size === 0)) {
    throw new TfliteError('corrupt', `op FULLY_CONNECTED: weights "${weights?.name}" are not a matrix`)
  }
  if (!wiring.isConstant(inputs[1])) {
    throw new TfliteError(
      'unsupported',
      `op FULLY_CONNECTED: weights "${weights.name}" are computed: constant ones are supported`,
    )
  }
  if ((options as FullyConnectedOptions).weightsFormat !== 0) {
    throw new TfliteError('unsupported', `op FULLY_CONNECTED: weights "${weights.name}" are shuffled`)
  }
  return weights
}

function activationOf({ options }: Operator): FusedActivation {
  const code = (options as FullyConnectedOptions).activation
  const activation = fusedActivation(code)
  if (activation) return activation
  throw new TfliteError('unsupported', `op FULLY_CONNECTED: fused activation ${code} is not supported`)
}

function addFloat(wiring: Wiring, operator: Operator, sizes: Layer, from: Float32Array): void {
  const weights = wiring.readFloat(operator.inputs[1])
  const layer = { ...sizes, weights, bias: floatBias(wiring, operator, sizes) }
  const to = wiring.createFloat(operator.outputs[0], sizes.examples * sizes.outputs)
  wiring.steps.push(() => fullyConnected(layer, from, to))
}

function addDynamicRange(wiring: Wiring, operator: Operator, sizes: Layer, from: Float32Array): void {
  const tensor = wiring.tensor(operator.inputs[1])
  const scales = rowScales(tensor, sizes.outputs)
  const layer = { ...sizes, weights: int8Constant(tensor), scales, bias: floatBias(wiring, operator, sizes) }
  const to = wiring.createFloat(operator.outputs[0], sizes.examples * sizes.outputs)
  const scratch = new Int8Array(sizes.inputs)
  wiring.steps.push(() => dynamicRange(layer, from, to, scratch))
}

function addInt8(wiring: Wiring, operator: Operator, sizes: Layer, from: Int8Array): void {
  const tensor = wiring.tensor(operator.inputs[1])
  const input = affineOf(wiring.tensor(operator.inputs[0]))
  const output = affineOf(wiring.tensor(operator.outputs[0]))
  const layer = {
    ...sizes,
    weights: int8Constant(tensor),
    bias: int32Bias(wiring, operator, sizes),
    inputZeroPoint: input.zeroPoint,
    multipliers: rowScales(tensor, sizes.outputs).map((scale) => Math.fround(input.scale * scale) / output.scale),
    outputZeroPoint: output.zeroPoint,
    ...int8Range(sizes.activation, output),
  }
  const to = wiring.createInt8(operator.outputs[0], sizes.examples * sizes.outputs)
  wiring.steps.push(() => int8FullyConnected(layer, from, to))
}

/** The stored values that a fused activation lets through. */
function int8Range({ min, max, tanh }: FusedActivation, output: Affine): { min: number; max: number } {
  if (tanh) throw new TfliteError('unsupported', 'op FULLY_CONNECTED: fused TANH on int8 is not supported')
  const stored = (real: number): number =>
    Math.max(-128, Math.min(127, Number.isFinite(real) ? roundHalfEven(real / output.scale) + output.zeroPoint : real))
  return { min: stored(min), max: stored(max) }
}

function floatBias(wiring: Wiring, operator: Operator, { outputs }: Layer): Float32Array {
  const [, , index = -1] = operator.inputs
  return index < 0 ? new Float32Array(outputs) : assertBias(wiring.readFloat(index), outputs)
}

function int32Bias(wiring: Wiring, operator: Operator, { outputs }: Layer): Int32Array {
  const [, , index = -1] = operator.inputs
  return index < 0 ? new Int32Array(outputs) : assertBias(int32Constant(wiring.tensor(index)), outputs)
}

function assertBias<T extends Float32Array | Int32Array>(bias: T, outputs: number): T {
  if (bias.length === outputs) return bias
  throw new TfliteError('corrupt', `op FULLY_CONNECTED: ${bias.length} biases for ${outputs} outputs`)
}
