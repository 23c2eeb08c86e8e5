import type { Operator } from '../graph.ts'
import type { Unary } from '../kernels/activation.ts'
import { int8Table } from '../kernels/int8.ts'
import { affineOf } from '../values.ts'
import type { Wiring } from '../wiring.ts'

/** y = f(x), value by value; on int8 by a table of all 256 values. */
export function addUnary(wiring: Wiring, { inputs, outputs }: Operator, f: Unary): void {
  const from = wiring.read(inputs[0])
  if (from instanceof Float32Array) {
    const to = wiring.createFloat(outputs[0], from.length)
    wiring.steps.push(() => {
      for (let i = 0; i < from.length; i++) to[i] = f(from[i])
    })
    return
  }
  const to = wiring.createInt8(outputs[0], from.length)
  const table = int8Table(f, affineOf(wiring.tensor(inputs[0])), affineOf(wiring.tensor(outputs[0])))
  wiring.steps.push(() => {
    for (let i = 0; i < from.length; i++) to[i] = table[from[i] + 128]
  })
}
