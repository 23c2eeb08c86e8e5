import { seedFor } from '../domain/random.ts'
import type { TrainingSet } from '../domain/training-set.ts'
import type { Featurizer } from '../featurize/featurizer.ts'
import type { FitOptions } from '../train/fit-options.ts'
import {
  type Gathered,
  type GatheredTarget,
  gather,
  type HistoryRange,
  type HistoryReader,
  type Mask,
} from '../train/gather.ts'
import { type PlanOptions, planHistory } from '../train/plan.ts'
import type { FitJob } from './train-worker.ts'

/** Values in memory during a round: 80 MB. */
const MAX_VALUES = 20_000_000
/** Targets whose rows a shared model is fitted to; all others only scale by their own. */
const TEACHERS = 50
/** Targets of one round with a model each, so that the first of many are not kept waiting for the last. */
export const TARGETS_A_ROUND = 50
/** Up to so many targets have a model each, unless the scope is set. */
const MOST_HOST_MODELS = 1_000

export interface RoundOptions {
  readonly history: Omit<PlanOptions, 'maxValues'>
  /** A target with less history than this has no model. */
  readonly minHistoryMs: number
}

/** What a round reads with. */
export interface RoundSources {
  readonly history: HistoryReader
  readonly newFeaturizer: () => Featurizer
  /** What is left out of training, by target and time; nothing unless given. */
  readonly masked?: Mask
}

/** The past of some targets, read and cleaned, and who of them has enough of it. */
export interface Round {
  readonly range: HistoryRange
  readonly gathered: Gathered
  readonly ready: readonly string[]
  /** Targets with too little history, and how much they have, in ms. */
  readonly short: ReadonlyMap<string, number>
}

/** One model to be trained: of a target, or of a group that shares it. */
export interface TrainingUnit {
  readonly unit: string
  readonly scope: 'host' | 'group'
  readonly ids: readonly string[]
}

export function isGrouped(scope: 'auto' | 'host' | 'group', targets: number): boolean {
  return scope === 'group' || (scope === 'auto' && targets > MOST_HOST_MODELS)
}

/** What a round reads. */
export interface RoundRequest {
  /** ms since the epoch */
  readonly at: number
  /** Ids of the targets to train. */
  readonly wanted: ReadonlySet<string>
  /** Number of targets that memory is shared by. */
  readonly share: number
  /** How to ask the source for the wanted targets alone, where they are few. */
  readonly only?: HistoryRange['only']
}

/** Reads the past of some targets: densely enough when there is little of it, within the bounds when there is much. */
export async function readRound(
  options: RoundOptions,
  sources: RoundSources,
  request: RoundRequest,
  signal: AbortSignal,
): Promise<Round> {
  const round = await readOnce(options, sources, request, options.history.historyMs, signal)
  const { range } = round
  const known = Math.max(0, ...[...round.gathered.sets.values()].map(({ set }) => spanOf(set)))
  const coarse = range.stepMs > options.history.intervalMs && known < (range.toMs - range.fromMs) / 2
  if (!coarse || round.ready.length === 0) return round
  return readOnce(options, sources, request, known + range.stepMs, signal)
}

async function readOnce(
  options: RoundOptions,
  { history, newFeaturizer, masked }: RoundSources,
  { at, wanted, share, only }: RoundRequest,
  historyMs: number,
  signal: AbortSignal,
): Promise<Round> {
  const featurizer = newFeaturizer()
  const bounds = { ...options.history, historyMs, maxValues: MAX_VALUES }
  const range = { ...planHistory(at, share, featurizer.names.length, bounds), only }
  const gathered = await gather(history, range, featurizer, (id) => wanted.has(id), signal, masked)
  const ready: string[] = []
  const short = new Map<string, number>()
  for (const id of wanted) {
    const set = gathered.sets.get(id)?.set
    const spanMs = set === undefined ? 0 : spanOf(set)
    // A coarse step may leave out the two ends.
    if (spanMs > 0 && spanMs >= options.minHistoryMs - Math.max(options.history.intervalMs, range.stepMs))
      ready.push(id)
    else short.set(id, spanMs)
  }
  return { range, gathered, ready, short }
}

/** Time between the first and the last row, ms. */
function spanOf({ times }: TrainingSet): number {
  return times.length < 2 ? 0 : times[times.length - 1] - times[0]
}

/** The models that the targets with enough history get. */
export function unitsOf({ ready, gathered }: Round, grouped: boolean): TrainingUnit[] {
  if (!grouped) return ready.map((id) => ({ unit: id, scope: 'host', ids: [id] }))
  const groups = Map.groupBy(ready, (id) => gathered.sets.get(id)!.target.labels['job'] ?? '')
  return [...groups].map(([job, ids]) => ({ unit: `group:${job}`, scope: 'group', ids }))
}

/** @param createdAt ms since the epoch */
export function jobFor({ unit, scope, ids }: TrainingUnit, round: Round, fit: FitOptions, createdAt: number): FitJob {
  const { gathered, range } = round
  const targets = ids.map((id) => gathered.sets.get(id)!)
  const sets = new Map(targets.map(({ target, set }) => [target.id, set]))
  const sum = (count: (target: GatheredTarget) => number) => targets.reduce((total, one) => total + count(one), 0)
  return {
    sets,
    teachers: teachersOf(ids),
    options: { ...fit, seed: seedFor(fit.seed, unit) },
    origin: {
      unit,
      scope,
      createdAt,
      fromMs: Math.min(...[...sets.values()].map((set) => set.times[0])),
      toMs: range.toMs,
      stepMs: range.stepMs,
      cleaning: {
        rows: sum(({ set }) => set.times.length),
        maskedRows: sum(({ maskedRows }) => maskedRows),
        forwardFilled: sum(({ cleaning }) => cleaning.forwardFilled),
        missing: sum(({ cleaning }) => cleaning.missing),
        droppedRows: sum(({ cleaning }) => cleaning.droppedRows),
      },
    },
  }
}

/** Evenly spaced over the group, in the order of their names. */
function teachersOf(ids: readonly string[]): string[] {
  const sorted = [...ids].sort()
  const step = Math.max(1, sorted.length / TEACHERS)
  return Array.from({ length: Math.min(TEACHERS, sorted.length) }, (_, i) => sorted[Math.floor(i * step)])
}
