import { ApiError } from '../api/problem.ts'
import type { FeatureSeriesFacts, ScorePointFacts, Scores, ScoresRequest, TargetScores } from '../api/scores.ts'
import type { Target } from '../domain/target.ts'
import type { Featurizer } from '../featurize/featurizer.ts'
import { ObserveError } from '../observe/error.ts'
import { gather, type HistoryReader } from '../train/gather.ts'
import type { ScoreArchive } from './score-archive.ts'
import { type FeaturePoint, type ScoreHistory, STEP_MS } from './score-history.ts'

/** What one configuration has to read the past from. */
export interface PastSources {
  readonly intervalMs: number
  /** Values of features: of the source, or those that were kept on disk. */
  readonly history: HistoryReader
  readonly historyKind: 'prometheus' | 'history' | 'none'
  /** All names of features, and those that the history has as they are. */
  readonly names: readonly string[]
  readonly base: ReadonlySet<string>
  /** Whether the others compare readings one interval apart. */
  readonly consecutive: boolean
  readonly newFeaturizer: () => Featurizer
  /** Scores that somebody else has kept of us; undefined where nobody has. */
  readonly archive?: ScoreArchive
}

export interface ScoreReaderDependencies {
  readonly history: ScoreHistory
  /** Of the configuration in force. */
  readonly past: () => PastSources
  /** ms since the epoch */
  readonly now: () => number
}

/** Points of an answer at most, so that a chart of a month is as quick as one of an hour. */
const MOST_POINTS = 720
/** Requests for the past that are under way at most: each is dozens of queries to Prometheus. */
const MOST_AT_ONCE = 4
const TIMEOUT_MS = 15_000

/** Reads charts: the last hour from memory, what lies before from Prometheus, features from where observations are kept. */
export function createScoreReader({ history, past, now }: ScoreReaderDependencies): Scores {
  let underWay = 0

  async function limited<T>(work: () => Promise<T>): Promise<T> {
    if (underWay >= MOST_AT_ONCE) throw new ApiError('overloaded', 'too many charts are being read; try again')
    underWay++
    try {
      return await work()
    } finally {
      underWay--
    }
  }

  return {
    async read(target, request, signal) {
      const sources = past()
      const stepMs = stepOf(request, sources.intervalMs)
      const problems: string[] = []
      const kept = thinned(history.read(target.id, request.fromMs, request.toMs), stepMs)
      const asks = needsArchive(kept, request, stepMs) || request.features.length > 0
      history.watch(target.id, now())
      const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
      const attempt = <T>(work: () => Promise<T>, without: T) => orProblem(work, without, problems)
      const read = async () => {
        const older = await attempt(() => olderPoints(sources, target, kept, { ...request, stepMs }, limit), [])
        const features = await attempt(() => readFeatures(sources, target, { ...request, stepMs }, limit), new Map())
        return { older, features }
      }
      const { older, features } = asks ? await limited(read) : { older: [], features: new Map() }
      return {
        stepMs,
        source: sourceOf(kept, older),
        points: [...older, ...kept],
        features: request.features
          .filter((name) => sources.names.includes(name) || features.has(name) || isPushed(target))
          .map((name) => {
            const live = history.feature(target.id, name, request.fromMs, request.toMs)
            return seriesOf(name, features.get(name) ?? [], live, sources.historyKind)
          }),
        problems,
      } satisfies TargetScores
    },
  }
}

type Stepped = ScoresRequest & { readonly stepMs: number }
type Values = ReadonlyMap<string, readonly (readonly [at: number, value: number])[]>

/** A multiple of the interval, no shorter than memory has it. */
function stepOf({ fromMs, toMs }: ScoresRequest, intervalMs: number): number {
  return Math.max(1, Math.ceil(Math.max(STEP_MS, (toMs - fromMs) / MOST_POINTS) / intervalMs)) * intervalMs
}

/** Of several points in a step the one with the highest level, so that no peak is lost. */
function thinned<P extends { readonly at: number; readonly level: number }>(points: readonly P[], stepMs: number): P[] {
  if (stepMs <= STEP_MS) return [...points]
  const steps = new Map<number, P>()
  for (const point of points) {
    const step = Math.floor(point.at / stepMs)
    const before = steps.get(step)
    if (before === undefined || point.level > before.level) steps.set(step, point)
  }
  return [...steps.values()]
}

/** Whether memory does not reach back as far as is asked. */
function needsArchive(kept: readonly ScorePointFacts[], { fromMs }: ScoresRequest, stepMs: number): boolean {
  return kept.length === 0 || kept[0].at > fromMs + 2 * stepMs
}

async function olderPoints(
  { archive }: PastSources,
  target: Target,
  kept: readonly ScorePointFacts[],
  request: Stepped,
  signal: AbortSignal,
): Promise<readonly ScorePointFacts[]> {
  if (archive === undefined || !needsArchive(kept, request, request.stepMs)) return []
  const before = kept[0]?.at ?? Number.POSITIVE_INFINITY
  const points = await archive.read(target, request, signal)
  return points.filter(({ at }) => at < before)
}

async function readFeatures(
  { history, historyKind, base, consecutive, intervalMs, names, newFeaturizer }: PastSources,
  target: Target,
  { fromMs, toMs, stepMs, features }: Stepped,
  signal: AbortSignal,
): Promise<Values> {
  const canCompute = !consecutive || stepMs === intervalMs
  const wanted = features.filter((name) => names.includes(name) && (canCompute || base.has(name)))
  if (historyKind === 'none' || wanted.length === 0 || isPushed(target)) return new Map()
  const [label] = Object.keys(target.labels)
  const only = { label, values: [target.labels[label]] }
  // What is computed from others needs them all.
  const asked = wanted.every((name) => base.has(name)) ? wanted : undefined
  const from = Math.ceil(fromMs / stepMs) * stepMs
  const range = { fromMs: from, toMs, stepMs, only, features: asked }
  const { sets } = await gather(history, range, newFeaturizer(), (id) => id === target.id, signal)
  const set = sets.get(target.id)?.set
  if (set === undefined) return new Map()
  return new Map(
    wanted.map((name) => {
      const column = set.names.indexOf(name)
      return [name, Array.from(set.times, (at, row) => [at, set.rows[row * set.names.length + column]] as const)]
    }),
  )
}

/** What was read of the past, with what the models expected where that is known; from memory alone where nothing was. */
function seriesOf(
  name: string,
  values: readonly (readonly [at: number, value: number])[],
  live: readonly FeaturePoint[],
  kind: PastSources['historyKind'],
): FeatureSeriesFacts {
  if (values.length === 0) return { name, source: live.length === 0 ? 'none' : 'memory', points: live }
  const points = values.map(([at, actual]) => {
    const near = live.find((point) => Math.abs(point.at - at) < STEP_MS)
    return { at, actual, expected: near?.expected ?? Number.NaN }
  })
  const end = values.at(-1)![0]
  return { name, source: kind, points: [...points, ...live.filter(({ at }) => at >= end + STEP_MS)] }
}

function sourceOf(kept: readonly unknown[], older: readonly unknown[]): TargetScores['source'] {
  if (kept.length > 0) return older.length > 0 ? 'both' : 'memory'
  return older.length > 0 ? 'prometheus' : 'none'
}

/** What cannot be read costs that part of the answer. */
async function orProblem<T>(work: () => Promise<T>, without: T, problems: string[]): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ObserveError) problems.push(error.message)
    else if (error instanceof DOMException && error.name === 'TimeoutError')
      problems.push(`what lies further back could not be read in ${TIMEOUT_MS / 1000} s`)
    else throw error
    return without
  }
}

function isPushed({ labels }: Target): boolean {
  return labels['job'] === 'push'
}
