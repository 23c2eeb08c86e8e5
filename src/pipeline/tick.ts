import type { FeatureMatrix } from '../domain/feature-matrix.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import type { Verdict } from '../domain/verdict.ts'

/** The product, stage by stage; each is timed and counted by whoever provides it. */
export interface Stages {
  observe(at: number, signal: AbortSignal): Promise<Snapshot>
  featurize(snapshot: Snapshot): FeatureMatrix
  detect(matrix: FeatureMatrix): Verdicts
}

/** By slot; `undefined` where the slot is free. */
export type Verdicts = readonly (Verdict | undefined)[]

export interface TickResult {
  readonly at: number
  readonly snapshot: Snapshot
  readonly matrix: FeatureMatrix
  readonly verdicts: Verdicts
}

/**
 * One cycle over the whole fleet.
 *
 * @param at grid time, ms since the epoch: a backtest runs the same function over last month
 * @throws whatever a stage throws; nothing is kept of a cycle that failed
 */
export async function tick(stages: Stages, at: number, signal: AbortSignal): Promise<TickResult> {
  const snapshot = await stages.observe(at, signal)
  const matrix = stages.featurize(snapshot)
  const verdicts = stages.detect(matrix)
  return { at, snapshot, matrix, verdicts }
}
