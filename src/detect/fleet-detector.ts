import type { FeatureMatrix } from '../domain/feature-matrix.ts'
import type { Target } from '../domain/target.ts'
import {
  type Contribution,
  type DetectorName,
  type Exhaustion,
  severityOf,
  type TargetState,
  type Verdict,
} from '../domain/verdict.ts'
import type { AlarmRule } from './alarm-rule.ts'
import { enlarged } from './arrays.ts'
import { raisedLevel, urgencyOf, withUrgencies } from './exhaustion/early-anomaly.ts'
import type { ExhaustionWatch } from './exhaustion/watch.ts'
import type { Hysteresis } from './hysteresis.ts'
import type { ModelScorer } from './model-scorer.ts'
import type { YoungScorer } from './young.ts'

export interface FleetDetectorParts {
  readonly young: YoungScorer
  readonly models: ModelScorer
  readonly alarms: AlarmRule
  readonly hysteresis: Hysteresis
  readonly exhaustion: ExhaustionWatch
  /** A resource forecast to be used up sooner raises the level above 1. */
  readonly horizonMs: number
  /** Without a new sample for so long a target is stale. */
  readonly staleAfterMs: number
}

/** Scores the whole fleet, one matrix a tick. */
export interface FleetDetector {
  /** Makes room for the targets of a matrix, so that models can be adopted before their first reading is scored. */
  place(matrix: FeatureMatrix): void
  /** By slot; `undefined` where the slot is free. Targets without a new reading keep their verdict until it is stale. */
  detect(matrix: FeatureMatrix): readonly (Verdict | undefined)[]
  /** Nothing could be read: every verdict is stale until there is something new. */
  expire(): readonly (Verdict | undefined)[]
  /** What each feature has to do with the slot's last score, strongest first; empty before the first. */
  explain(slot: number): readonly Contribution[]
}

/** An anomaly that ends earlier did not last, whatever the threshold did. */
const LASTING_MS = 30 * 60_000

export function createFleetDetector(parts: FleetDetectorParts): FleetDetector {
  const { young, models, alarms, hysteresis, exhaustion, horizonMs } = parts
  let verdicts: (Verdict | undefined)[] = []
  const placed: (string | undefined)[] = []
  let names: readonly string[] = []
  /** The newest reading of every slot, which the explanations are about. */
  let readings = new Float64Array(0)
  /** By slot: the level of the detectors alone. */
  let detectorLevels = new Float64Array(0)
  /** By slot: the threshold in force when a score was last above it. */
  let alarmedAbove = new Float64Array(0)
  let alarmedSince = new Float64Array(0)
  /** Slots that there is room for. */
  let room = 0

  function grow(slots: number, width: number): void {
    for (const part of [young, models, hysteresis, exhaustion]) part.grow(slots)
    detectorLevels = enlarged(detectorLevels, slots, Number.NaN)
    alarmedAbove = enlarged(alarmedAbove, slots, Number.NaN)
    alarmedSince = enlarged(alarmedSince, slots, Number.NaN)
    readings = enlarged(readings, slots * width, Number.NaN)
    room = slots
  }

  function place(matrix: FeatureMatrix): void {
    const slots = matrix.targets.length
    if (slots > room) grow(slots, matrix.names.length)
    names = matrix.names
    for (let slot = 0; slot < Math.max(slots, placed.length); slot++) {
      if (placed[slot] === matrix.targets[slot]?.id) continue
      for (const part of [young, models, alarms, hysteresis, exhaustion]) part.clear(slot)
      verdicts[slot] = undefined
      placed[slot] = matrix.targets[slot]?.id
    }
  }

  function judge(slot: number, target: Target, matrix: FeatureMatrix): Verdict {
    const trained = models.has(slot)
    const raw = {
      anomaly: trained ? models.anomaly[slot] : Number.NaN,
      combined: trained ? models.combined[slot] : Number.NaN,
      young: young.combined[slot],
      any: young.any[slot],
    }
    const judged = alarms.levelOf(slot, matrix.at, raw)
    const forecasts = exhaustion.forecasts(slot, matrix.at)
    const level = raisedLevel(judged.level, forecasts.length > 0 ? urgencyOf(forecasts[0], horizonMs) : 0)
    detectorLevels[slot] = judged.level
    const before = verdicts[slot]
    const detected = hysteresis.update(slot, matrix.at, level)
    if (detected && !before?.detected) alarmedSince[slot] = matrix.at
    const lasted = before?.detected && matrix.at - alarmedSince[slot] >= LASTING_MS
    const adopted = lasted && !detected && judged.combined > alarmedAbove[slot]
    if (judged.level > 1) alarmedAbove[slot] = judged.combined / judged.level
    return {
      target,
      state: Number.isNaN(level) ? 'warming_up' : 'fresh',
      at: matrix.sampledAt[slot],
      score: raw.anomaly,
      threshold: judged.anomalyThreshold,
      combined: judged.combined,
      level,
      severity: severityOf(level),
      detected,
      detectors: calibrated(slot),
      contributions: detected ? explain(slot, forecasts) : [],
      exhaustion: forecasts,
      drift: trained ? models.drift(slot) : Number.NaN,
      ...(adopted && { adopted }),
    }
  }

  function calibrated(slot: number): Record<DetectorName, number> {
    return {
      zscore: severityOf(young.zscore[slot]),
      isolation_forest: severityOf(young.forest[slot]),
      autoencoder: severityOf(models.members.autoencoder[slot]),
      forecast: severityOf(models.members.forecast[slot]),
      baseline: severityOf(models.members.baseline[slot]),
    }
  }

  function explain(slot: number, forecasts: readonly Exhaustion[]): readonly Contribution[] {
    const scorer = models.has(slot) ? models : young
    const detected = scorer.contributions(slot, readings, slot * names.length, names)
    const urgencies = new Map(forecasts.map((each) => [each.resource, urgencyOf(each, horizonMs)]))
    return withUrgencies(detected, detectorLevels[slot], urgencies)
  }

  /** Slots with a new reading that is recent: after an outage a server may hand out what it last knew. */
  function freshSlots(matrix: FeatureMatrix): number[] {
    const slots: number[] = []
    for (let slot = 0; slot < matrix.targets.length; slot++) {
      if (matrix.fresh[slot] === 1 && matrix.at - matrix.sampledAt[slot] <= parts.staleAfterMs) slots.push(slot)
    }
    return slots
  }

  return {
    place,
    detect(matrix) {
      place(matrix)
      const fresh = freshSlots(matrix)
      const width = names.length
      for (const slot of fresh) readings.set(matrix.values.subarray(slot * width, (slot + 1) * width), slot * width)
      young.score(matrix, fresh)
      models.score(matrix, fresh)
      exhaustion.observe(matrix, fresh)
      verdicts = matrix.targets.map(
        (target, slot) => target && aged(verdicts[slot], target, matrix.at, parts.staleAfterMs),
      )
      for (const slot of fresh) verdicts[slot] = judge(slot, matrix.targets[slot]!, matrix)
      return verdicts
    },
    expire() {
      verdicts = verdicts.map((verdict) => verdict && withoutScore(verdict.target, 'stale', verdict.at))
      return verdicts
    },
    explain(slot) {
      const verdict = verdicts[slot]
      return verdict?.state === 'fresh' ? explain(slot, verdict.exhaustion) : []
    },
  }
}

/** The verdict of a target that brought no new reading: kept for a while, then stale, and then without any score. */
function aged(verdict: Verdict | undefined, target: Target, at: number, staleAfterMs: number): Verdict {
  if (verdict === undefined) return withoutScore(target, 'warming_up', at)
  return at - verdict.at > staleAfterMs ? withoutScore(target, 'stale', verdict.at) : verdict
}

/** @param at of the last reading */
function withoutScore(target: Target, state: TargetState, at: number): Verdict {
  const none = Number.NaN
  return {
    target,
    state,
    at,
    score: none,
    threshold: none,
    combined: none,
    level: none,
    severity: none,
    detected: false,
    detectors: { zscore: none, isolation_forest: none, autoencoder: none, forecast: none, baseline: none },
    contributions: [],
    exhaustion: [],
    drift: none,
  }
}
