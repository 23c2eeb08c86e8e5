import { FUSED } from '../schema.ts'

/** y = f(x) on real numbers, rounded to float32 by whoever stores it. */
export type Unary = (x: number) => number

export const sigmoid: Unary = (x) => 1 / (1 + Math.exp(-x))
export const relu: Unary = (x) => Math.max(x, 0)
export const relu6: Unary = (x) => Math.min(6, relu(x))

/** What an op applies to its own result: a range to clamp to, and tanh, which is not a range. */
export interface FusedActivation {
  readonly min: number
  readonly max: number
  readonly tanh: boolean
}

/** By `ActivationFunctionType`; `undefined` for one we do not evaluate. */
export function fusedActivation(code: number): FusedActivation | undefined {
  const none = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY, tanh: false }
  if (code === FUSED.none) return none
  if (code === FUSED.relu) return { ...none, min: 0 }
  if (code === FUSED.relu6) return { ...none, min: 0, max: 6 }
  if (code === FUSED.reluN1To1) return { ...none, min: -1, max: 1 }
  if (code === FUSED.tanh) return { ...none, tanh: true }
  return undefined
}
