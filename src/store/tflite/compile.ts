import { unsupportedOperator } from './decode.ts'
import { TfliteError } from './error.ts'
import type { Graph, Operator, Tensor } from './graph.ts'
import { relu, relu6, sigmoid } from './kernels/activation.ts'
import { addFullyConnected } from './ops/fully-connected.ts'
import { addDequantize, addQuantize } from './ops/quantize.ts'
import { addUnary } from './ops/unary.ts'
import { OP } from './schema.ts'
import { elementsOf } from './values.ts'
import { Wiring } from './wiring.ts'

/** How a model computes one row: fill `input`, run the steps in order, read `output`. */
interface Program {
  readonly input: Float32Array
  readonly output: Float32Array
  readonly steps: readonly (() => void)[]
  /** Rows the file declares for one run; what we compute does not depend on it. */
  readonly batch: number | 'dynamic'
}

/** By op: appends the step that computes it. */
const OPS: Record<number, (wiring: Wiring, operator: Operator) => void> = {
  [OP.fullyConnected]: addFullyConnected,
  [OP.logistic]: (wiring, operator) => addUnary(wiring, operator, sigmoid),
  [OP.tanh]: (wiring, operator) => addUnary(wiring, operator, Math.tanh),
  [OP.relu]: (wiring, operator) => addUnary(wiring, operator, relu),
  [OP.relu6]: (wiring, operator) => addUnary(wiring, operator, relu6),
  [OP.quantize]: addQuantize,
  [OP.dequantize]: addDequantize,
  // The values stay where they are; `join` refuses a shape they do not fill.
  [OP.reshape]: (wiring, { inputs, outputs }) => wiring.join(outputs[0], wiring.read(inputs[0])),
}

/**
 * Turns a graph into steps over fixed arrays for one row of the batch.
 *
 * One row is enough because every op we know treats the rows alike: it works along contiguous values, and RESHAPE only
 * renames them.
 *
 * @throws {TfliteError} `unsupported` or `corrupt`, naming op or tensor; `too_large` past `LIMITS.elements`
 */
export function compileGraph(graph: Graph): Program {
  const { inputs, outputs, tensors, operators } = graph
  if (inputs.length !== 1 || outputs.length !== 1) {
    throw new TfliteError(
      'unsupported',
      `${inputs.length} inputs and ${outputs.length} outputs: one of each is supported`,
    )
  }
  for (const operator of operators) assertOperator(operator)
  const { rows, batch } = batchOf(tensors[inputs[0]])
  const wiring = new Wiring(graph, rows)
  const input = wiring.input(inputs[0])
  for (const operator of operators) OPS[operator.code](wiring, operator)
  return { input, output: wiring.output(outputs[0]), steps: wiring.steps, batch }
}

function assertOperator({ code, inputs, outputs }: Operator): void {
  if (!Object.hasOwn(OPS, code)) throw unsupportedOperator(code)
  if (outputs.length !== 1 || inputs.length === 0 || inputs[0] < 0) {
    throw new TfliteError('corrupt', `an op of ${inputs.length} inputs and ${outputs.length} outputs`)
  }
}

/** Rows the shapes of the graph are written for, and whether another number may be run. */
function batchOf({ name, shape, signature = shape }: Tensor): { rows: number; batch: number | 'dynamic' } {
  if (signature.length !== shape.length || signature.some((size, i) => size < 0 && i > 0)) {
    throw new TfliteError('unsupported', `input "${name}" varies in more than its batch: [${signature}]`)
  }
  if (elementsOf(shape) === 0) throw new TfliteError('unsupported', `input "${name}" is empty: [${shape}]`)
  const rows = shape.length < 2 ? 1 : shape[0]
  return { rows, batch: signature[0] < 0 ? 'dynamic' : rows }
}
