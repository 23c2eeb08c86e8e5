import type { Sample } from '../../charts/spans.ts'

/** Losses by epoch, on the axis of a chart that counts epochs from 0. */
export function epochSamples(losses: readonly number[]): readonly Sample[] {
  return losses.map((value, at) => ({ at, value }))
}
