import { DETECTORS, type Verdict } from '../domain/verdict.ts'
import type { FleetTargetJson, TargetDetailJson, TargetJson } from './contract.ts'
import type { TargetDetail } from './fleet.ts'

/** The latest result of one target. JSON has no NaN and no infinity: both become null. */
export function targetJson(verdict: Verdict): TargetJson {
  const { target, state, level, severity, score, threshold, detected, detectors, at } = verdict
  return {
    id: target.id,
    labels: target.labels,
    state,
    level: finite(level),
    severity: finite(severity),
    score: finite(score),
    threshold: finite(threshold),
    detected,
    detectors: Object.fromEntries(DETECTORS.map((name) => [name, finite(detectors[name])])),
    updated_at: time(at),
  }
}

/** What a grid shows of a target: levels to two decimals, or three digits, so that noise is not told. */
export function fleetTargetJson({ target, state, level, detected }: Verdict): FleetTargetJson {
  return { id: target.id, labels: target.labels, state, level: rounded(level), detected }
}

function rounded(level: number): number | null {
  if (!Number.isFinite(level)) return null
  return level < 10 ? Math.round(level * 100) / 100 : Number(level.toPrecision(3))
}

type NotYet = 'ready_at' | 'peers' | 'silenced' | 'incident' | 'features'
type FeatureNow = Omit<TargetDetailJson['features'][number], 'unit' | 'help'>
type DetailNow = Omit<TargetDetailJson, NotYet> & { readonly features: readonly FeatureNow[] }

export function targetDetailJson({ verdict, features, alarmsPerDay, model }: TargetDetail): DetailNow {
  return {
    ...targetJson(verdict),
    features: features.map(({ feature, actual, expected, share }) => {
      return { name: feature, actual: finite(actual), expected: finite(expected), share: finite(share) }
    }),
    exhaustion: verdict.exhaustion,
    drift: finite(verdict.drift),
    alarms_per_day: alarmsPerDay,
    model:
      model === undefined
        ? null
        : { id: model.id, scope: model.scope, trained_at: new Date(model.trainedAt).toISOString() },
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

function time(ms: number): string | null {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : null
}
