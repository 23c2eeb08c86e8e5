import type { Operator } from '../graph.ts'
import { dequantize, quantize } from '../kernels/int8.ts'
import { affineOf, realConstant } from '../values.ts'
import type { Wiring } from '../wiring.ts'
import { addUnary } from './unary.ts'

/** float32 → int8, or int8 → int8 of another scale. */
export function addQuantize(wiring: Wiring, operator: Operator): void {
  const [input] = operator.inputs
  const [output] = operator.outputs
  const from = wiring.read(input)
  if (from instanceof Int8Array) {
    addUnary(wiring, operator, (x) => x)
    return
  }
  const affine = affineOf(wiring.tensor(output))
  const to = wiring.createInt8(output, from.length)
  wiring.steps.push(() => quantize(from, to, affine))
}

/** int8 → float32; of a constant (weights kept small in the file, int8 or float16) once and for all. */
export function addDequantize(wiring: Wiring, { inputs: [input], outputs: [output] }: Operator): void {
  const tensor = wiring.tensor(input)
  if (tensor.data !== undefined) {
    wiring.fold(output, realConstant(tensor))
    return
  }
  const from = wiring.readInt8(input)
  const to = wiring.createFloat(output, from.length)
  const affine = affineOf(tensor)
  wiring.steps.push(() => dequantize(from, to, affine))
}
