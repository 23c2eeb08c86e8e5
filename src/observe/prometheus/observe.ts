import type { Snapshot } from '../../domain/snapshot.ts'
import { mapLimit } from '../concurrency.ts'
import { ObserveError } from '../error.ts'
import { Frame } from '../frame.ts'
import type { TargetTable } from '../target-table.ts'
import type { PrometheusClient } from './client.ts'
import { ingest, type PutSample, type SlotHints } from './ingest.ts'
import { KnownVectorReader } from './known-vector.ts'
import type { Planner } from './planner.ts'
import type { FeatureQuery } from './queries.ts'

export interface ObserverParts {
  readonly client: PrometheusClient
  readonly plan: Planner
  readonly features: readonly string[]
  readonly table: TargetTable
  readonly timeoutMs: number
  readonly inFlight: number
}

/**
 * Observes through instant queries: first the heartbeat, without which no value could be trusted, then one query per
 * feature. A feature whose query fails is NaN for all, with a warning; when all fail, the first failure is thrown.
 */
export function createObserver(parts: ObserverParts): (at: number, signal: AbortSignal) => Promise<Snapshot> {
  const { client, features, table, timeoutMs } = parts
  const heartbeatHints: SlotHints = []
  const featureHints: SlotHints[] = features.map(() => [])
  const known = new KnownVectorReader(table)

  return async (at, callerSignal) => {
    // One deadline over all queries: a server that answers none must not cost a timeout per feature.
    const signal = AbortSignal.any([callerSignal, AbortSignal.timeout(timeoutMs)])
    const plan = await parts.plan(at, signal)
    const frame = new Frame(at, features.length, table.size)

    /** Takes in the vector that a query gives. */
    const readVector = async (promql: string, hints: SlotHints, put: PutSample): Promise<VectorAnswer> => {
      const read = (body: Buffer) => known.read(body, hints, put)
      const answer = await client.query(promql, at, timeoutMs, signal, read)
      if (answer.taken) return { count: hints.length, warnings: [], remarks: [] }
      const remarks = ingest(answer.series, table, hints, put)
      return { count: answer.series.length, warnings: answer.warnings, remarks }
    }
    const beat = await readVector(plan.heartbeat, heartbeatHints, (slot, _, seconds) => {
      frame.sampled(slot, seconds * 1000)
      return true
    })
    const readFeature = ({ index, promql }: FeatureQuery) =>
      readVector(promql, featureHints[index], (slot, _, value) => frame.set(slot, index, value))
    const answers = await mapLimit(plan.queries, parts.inFlight, (query) => orFailure(readFeature(query)))
    assertSomeWorked(answers)

    const featureWarnings = plan.queries.flatMap((query, i) => warningsOf(query, answers[i]))
    const seen = answers.some((answer) => 'count' in answer && answer.count > 0)
    const warnings = [
      ...beat.warnings,
      ...beat.remarks,
      ...emptiness(plan.heartbeat, beat.count, seen),
      ...featureWarnings,
    ]
    const snapshot = frame.finish(features, table.targets(), warnings)
    // After an answer that is incomplete or empty, nobody is taken for gone.
    if (beat.warnings.length === 0 && beat.count > 0) table.sweep(at)
    return snapshot
  }
}

interface VectorAnswer {
  /** Series in the answer. */
  readonly count: number
  /** Of the server. */
  readonly warnings: readonly string[]
  /** Of ours, on series that could not be used. */
  readonly remarks: readonly string[]
}

/** Turns a failed query into a value; an abort by the caller passes through. */
export async function orFailure<T>(work: Promise<T>): Promise<T | ObserveError> {
  try {
    return await work
  } catch (error) {
    if (error instanceof ObserveError) return error
    throw error
  }
}

/** @throws {ObserveError} the first failure, when there is nothing else */
export function assertSomeWorked(answers: readonly (object | ObserveError)[]): void {
  const [first] = answers
  if (!(first instanceof ObserveError) || answers.some((answer) => !(answer instanceof ObserveError))) return
  throw new ObserveError(first.reason, `all ${answers.length} feature queries failed; the first: ${first.message}`, {
    cause: first,
  })
}

function warningsOf({ name }: FeatureQuery, answer: VectorAnswer | ObserveError): string[] {
  if (answer instanceof ObserveError) return [`feature ${name} not read: ${answer.message}`]
  return [...answer.warnings, ...answer.remarks].map((warning) => `feature ${name}: ${warning}`)
}

function emptiness(heartbeat: string, beats: number, seen: boolean): string[] {
  if (beats > 0) return []
  return seen
    ? [`no heartbeat: no series matched ${heartbeat}, so the age of the values is unknown`]
    : [`no data: no series matched ${heartbeat}, nor any feature`]
}
