import { expect, it } from 'vitest'
import { fusedActivation } from './activation.ts'
import { dynamicRange } from './dynamic-range.ts'

const NONE = fusedActivation(0)!

function run(input: number[], weights: number[], scale: number, bias: number): number {
  const inputs = input.length
  const layer = { examples: 1, inputs, outputs: 1, activation: NONE }
  const output = new Float32Array(1)
  dynamicRange(
    { ...layer, weights: Int8Array.from(weights), scales: Float32Array.of(scale), bias: Float32Array.of(bias) },
    Float32Array.from(input),
    output,
    new Int8Array(inputs),
  )
  return output[0]
}

it('maps the range of the row onto 255 steps and multiplies in whole numbers', () => {
  // [0, 2.55] → 100 steps a unit from −128: 0.254 becomes −128 + 25, 2.55 becomes 127.
  expect(run([0.254, 2.55], [4, -2], 0.5, 1)).toBeCloseTo((25 * 4 + 255 * -2) * 0.01 * 0.5 + 1, 5)
})

it('widens the range to hold 0, so that 0 stays 0', () => {
  expect(run([1, 0], [0, 127], 0.5, 0.25)).toBe(0.25)
})

it('gives the bias for a row of zeros', () => {
  expect(run([0, 0], [5, 6], 0.5, -3)).toBe(-3)
})
