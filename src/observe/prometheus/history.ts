import type { Matcher } from '../../domain/feature.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import { mapLimit } from '../concurrency.ts'
import { ObserveError } from '../error.ts'
import { Frame } from '../frame.ts'
import type { HistoryRange, HistoryReader } from '../source.ts'
import { TargetTable } from '../target-table.ts'
import type { PrometheusClient } from './client.ts'
import { ingest, type SlotHints } from './ingest.ts'
import { assertSomeWorked, orFailure } from './observe.ts'
import type { Planner } from './planner.ts'
import type { FeatureQuery } from './queries.ts'

export interface HistoryParts {
  readonly client: PrometheusClient
  readonly plan: Planner
  readonly features: readonly string[]
  readonly identity: readonly string[]
  readonly goneAfterMs: number
  readonly timeoutMs: number
  readonly inFlight: number
  /** How many values (targets × features × steps) may be in memory at once. */
  readonly maxValues: number
}

/** Prometheus refuses more than 11,000 points per series. */
const MOST_STEPS = 10_000
/** Small, because the number of targets is not known before the first answer: 10,000 hosts are within the limit. */
const FIRST_STEPS = 10

/**
 * Reads the past through range queries, a stretch of time after the other. A stretch holds as many steps as fit into
 * memory; one that the server finds too large or too slow is asked for again in halves.
 */
export function createHistoryReader(parts: HistoryParts): HistoryReader {
  return { read: (range, signal) => readStretches(parts, range, signal) }
}

async function* readStretches(
  parts: HistoryParts,
  { fromMs, toMs, stepMs, only, features }: HistoryRange,
  signal: AbortSignal,
): AsyncGenerator<Snapshot> {
  if (!(stepMs > 0)) throw new RangeError(`the step must be longer than 0 ms, not ${stepMs}`)
  const plan = await parts.plan(toMs, signal)
  const all = only === undefined ? plan.queries : plan.narrowed(oneOf(only.label, only.values))
  const queries = features === undefined ? all : all.filter(({ name }) => features.includes(name))
  const table = new TargetTable(parts.identity, parts.goneAfterMs)
  const hints: SlotHints[] = parts.features.map(() => [])
  let limit = FIRST_STEPS
  let ceiling = MOST_STEPS
  for (let start = fromMs; start <= toMs; ) {
    const steps = Math.min(limit, Math.floor((toMs - start) / stepMs) + 1)
    const stretch = await readStretch(parts, queries, { start, steps, stepMs, table, hints }, signal)
    if (!stretch) {
      ceiling = Math.floor(steps / 2)
      limit = ceiling
      continue
    }
    yield* stretch
    start += steps * stepMs
    const affordable = Math.floor(parts.maxValues / Math.max(1, table.size * queries.length))
    // A server that was too slow once may have recovered.
    ceiling = Math.min(MOST_STEPS, Math.ceil(ceiling * 1.25))
    limit = Math.max(1, Math.min(limit * 4, ceiling, affordable))
  }
}

interface Stretch {
  readonly start: number
  readonly steps: number
  readonly stepMs: number
  readonly table: TargetTable
  readonly hints: readonly SlotHints[]
}

/** A matcher for the values of a label, none of which is taken for a pattern. */
function oneOf(label: string, values: readonly string[]): Matcher {
  const literal = values.map((value) => value.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&'))
  return { label, op: '=~', value: literal.join('|') }
}

/** Undefined when the stretch asks too much of the server and can be made shorter. */
async function readStretch(
  parts: HistoryParts,
  queries: readonly FeatureQuery[],
  { start, steps, stepMs, table, hints }: Stretch,
  signal: AbortSignal,
): Promise<Snapshot[] | undefined> {
  const at = (step: number) => start + step * stepMs
  const width = parts.features.length
  const frames = Array.from({ length: steps }, (_, step) => new Frame(at(step), width, table.size))
  const warnings: string[] = []
  let tooMuch = false

  const readFeature = async ({ index, name, promql }: FeatureQuery) => {
    if (tooMuch) return
    const range = { fromMs: start, toMs: at(steps - 1), stepMs }
    const answer = await parts.client.queryRange(promql, range, parts.timeoutMs, signal)
    const remarks = ingest(answer.series, table, hints[index], (slot, timeMs, value) => {
      const frame = frames[Math.round((timeMs - start) / stepMs)]
      if (!frame || !Number.isFinite(value)) return true
      frame.sampled(slot, frame.at)
      return frame.set(slot, index, value)
    })
    for (const warning of [...answer.warnings, ...remarks]) warnings.push(`feature ${name}: ${warning}`)
  }
  const answers = await mapLimit(queries, parts.inFlight, async (query) => {
    const failure = await orFailure(readFeature(query))
    if (!(failure instanceof ObserveError)) return {}
    tooMuch ||= steps > 1 && (failure.reason === 'too_large' || failure.reason === 'timeout')
    warnings.push(`feature ${query.name} not read: ${failure.message}`)
    return failure
  })
  if (tooMuch) return undefined
  assertSomeWorked(answers)

  const targets = table.targets()
  const snapshots = frames.map((frame) => frame.finish(parts.features, targets, warnings))
  table.sweep(at(steps - 1))
  return snapshots
}
