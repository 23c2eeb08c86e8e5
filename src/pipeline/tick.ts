import type { FeatureMatrix } from '../domain/feature-matrix.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import type { Verdict } from '../domain/verdict.ts'
import type { DecidedCase, DiagnosedCase, Followed } from './cases.ts'
import type { JournalEntries } from './journal.ts'

/** The first half of the product, stage by stage; each is timed and counted by whoever provides it. */
export interface Stages {
  observe(at: number, signal: AbortSignal): Promise<Snapshot>
  featurize(snapshot: Snapshot): FeatureMatrix
  detect(matrix: FeatureMatrix): Verdicts
  /** Shows what was seen before anything is made of it: a store that fails costs no score. */
  show(seen: TickResult): void
  /** Follows the incidents of a cycle and `answer`s, in one transaction; keeps its failures to itself. */
  respond(seen: TickResult): Promise<void>
}

/** The second half, within one transaction of the journal. */
export interface Answering<R> {
  diagnose(followed: Followed): readonly DiagnosedCase[]
  decide(entries: JournalEntries, cases: readonly DiagnosedCase[], followed: Followed): Promise<readonly DecidedCase[]>
  record(entries: JournalEntries, followed: Followed, decisions: readonly DecidedCase[]): Promise<R>
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
  const seen = { at, snapshot, matrix, verdicts }
  stages.show(seen)
  await stages.respond(seen)
  return seen
}

/** What follows from what a door brought in: a cycle here, alerts by webhook elsewhere. One path, several doors. */
export async function answer<R>(stages: Answering<R>, entries: JournalEntries, followed: Followed): Promise<R> {
  const cases = stages.diagnose(followed)
  const decisions = await stages.decide(entries, cases, followed)
  // Incidents, planned actions and messages in one transaction; heal.ts and tell.ts drain what it leaves.
  return stages.record(entries, followed, decisions)
}
