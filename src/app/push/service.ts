import { createExhaustionWatch } from '../../detect/exhaustion/watch.ts'
import { createFleetDetector, type FleetDetector } from '../../detect/fleet-detector.ts'
import { createHysteresis, type HysteresisOptions } from '../../detect/hysteresis.ts'
import type { Kernel } from '../../detect/kernel/kernel.ts'
import { createModelScorer } from '../../detect/model-scorer.ts'
import { createPushedRule } from '../../detect/pushed/pushed-rule.ts'
import {
  createServiceScorer,
  type ServiceMemory,
  type ServiceScorerOptions,
} from '../../detect/pushed/service-scorer.ts'
import type { Target } from '../../domain/target.ts'
import type { Contribution, Verdict } from '../../domain/verdict.ts'
import { createFeaturizer } from '../../featurize/featurizer.ts'
import type { Heard } from '../../pipeline/heard.ts'
import type { Reading } from '../../pipeline/push.ts'

export interface ServiceOptions extends Omit<ServiceScorerOptions, 'names' | 'alarmsPerReading'> {
  readonly hysteresis: HysteresisOptions
  /** Whether KIRA's rule decides. */
  readonly any: boolean
  readonly alarmsPerDay: number
  readonly staleAfterMs: number
  readonly forwardFillMs: number
  readonly kernel: Kernel
}

/** A service that pushes its readings: the path from a reading to a verdict, with a memory of its own. */
export interface PushingService {
  readonly target: Target
  /** Of its newest reading, ms since the epoch; −∞ before the first. */
  readonly newestAt: number
  /** When it was last heard of, ms since the epoch by our own clock. */
  readonly heardAt: number
  readonly heard: Heard
  /** Names of metrics until now, and with another reading's. */
  widthWith(reading: Reading): number
  /** @param now ms since the epoch, by our own clock */
  take(reading: Reading, now: number): Heard
  /** Nothing was heard for too long. */
  expire(): Heard
  explain(): readonly Contribution[]
  /** What the next process goes on with. */
  memory(): KeptService
}

/** What is kept of a service over a restart. */
export interface KeptService {
  readonly names: readonly string[]
  readonly newestAt: number
  readonly heardAt: number
  readonly memory: ServiceMemory
}

/** What detectors are told of the time between readings: B1's. Only the false-alarm budget depends on it. */
const READING_MS = 3000
const DAY_MS = 86_400_000

/** @param kept of a service of this name; it is not gone on with where there are other metrics now */
export function createPushingService(name: string, options: ServiceOptions, kept?: KeptService): PushingService {
  const target: Target = { id: `${name}@push`, labels: { instance: name, job: 'push' } }
  let path: ReturnType<typeof openPath> | undefined
  let newestAt = Number.NEGATIVE_INFINITY
  let heardAt = Number.NEGATIVE_INFINITY
  let unbroken = 0
  let heard: Heard

  /** Names of metrics until now, and with these: the same list where nothing is new. */
  function namesWith(metrics: Reading['metrics']): readonly string[] {
    const names = path?.names ?? []
    const fresh = [...metrics.keys()].filter((metric) => !names.includes(metric))
    return fresh.length === 0 ? names : [...names, ...fresh]
  }

  return {
    target,
    get newestAt() {
      return newestAt
    },
    get heardAt() {
      return heardAt
    },
    get heard() {
      return heard
    },
    widthWith: ({ metrics }) => namesWith(metrics).length,
    take({ at, metrics, labels }, now) {
      const names = namesWith(metrics)
      // What is measured anew has no past, and a service without one of its features is another: it warms up again.
      if (path === undefined && kept !== undefined && names.every((metric) => kept.names.includes(metric)))
        path = openPath(kept.names, options, kept.memory)
      else if (path === undefined || names.length > path.names.length) path = openPath(names, options)
      unbroken = at - newestAt <= options.staleAfterMs ? unbroken + 1 : 1
      newestAt = at
      heardAt = now
      const verdict = path.judge(target, at, metrics)
      heard = { verdict, labels: { ...labels, ...target.labels }, features: metrics, unbroken }
      return heard
    },
    expire() {
      const [verdict] = path!.detector.expire()
      unbroken = 0
      heard = { ...heard, verdict: verdict!, unbroken }
      return heard
    },
    explain: () => path?.detector.explain(0) ?? [],
    memory: () => ({ names: path!.names, newestAt, heardAt, memory: path!.scorer.memory() }),
  }
}

function openPath(names: readonly string[], options: ServiceOptions, kept?: ServiceMemory) {
  const { hysteresis, any, alarmsPerDay, staleAfterMs, forwardFillMs, kernel, ...young } = options
  const alarmsPerReading = (alarmsPerDay * READING_MS) / DAY_MS
  const width = names.length
  const scorer = createServiceScorer({ ...young, names, alarmsPerReading })
  const detector: FleetDetector = createFleetDetector({
    young: scorer,
    models: createModelScorer({ width, intervalMs: READING_MS, kernel }),
    alarms: createPushedRule(any),
    hysteresis: createHysteresis(hysteresis),
    exhaustion: createExhaustionWatch({ resources: [], shortestWindowMs: 60_000 }),
    horizonMs: DAY_MS,
    staleAfterMs,
  })
  const featurizer = createFeaturizer({ base: names, engineered: [], intervalMs: READING_MS, forwardFillMs })
  let toRecall = kept
  return {
    names,
    detector,
    scorer,
    judge(target: Target, at: number, metrics: ReadonlyMap<string, number>): Verdict {
      const values = new Float64Array(width)
      for (let f = 0; f < width; f++) values[f] = metrics.get(names[f]) ?? Number.NaN
      const sampledAt = Float64Array.of(at)
      const snapshot = { at, features: names, targets: [target], values, sampledAt, warnings: [] }
      const matrix = featurizer.featurize(snapshot)
      detector.place(matrix)
      if (toRecall !== undefined) scorer.recall(toRecall)
      toRecall = undefined
      return detector.detect(matrix)[0]!
    },
  }
}
