import type { Incident } from '../domain/incident.ts'
import type { Silence } from '../domain/safety.ts'
import { type Contribution, DETECTORS, type Verdict } from '../domain/verdict.ts'
import type { FeatureJson, FleetTargetJson, PeersJson, SilenceJson, TargetDetailJson, TargetJson } from './contract.ts'
import type { FeatureInfo, Fleet, TargetDetail } from './fleet.ts'
import { incidentJson } from './incident-json.ts'
import { modelJson } from './model-json.ts'

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

/** What is known of a target beside its detail. */
export interface TargetAround {
  readonly fleet: Pick<Fleet, 'readyAt' | 'feature' | 'groupOf'>
  /** The verdicts of all targets that are seen. */
  readonly seen: Iterable<Verdict>
  readonly silence: Silence | undefined
  readonly incident: Incident | undefined
}

export function targetDetailJson(
  detail: TargetDetail,
  { fleet, seen, silence, incident }: TargetAround,
): TargetDetailJson {
  const { verdict, features, alarmsPerDay, model } = detail
  const readyAt = verdict.state === 'warming_up' ? fleet.readyAt(verdict.target.id) : undefined
  return {
    ...targetJson(verdict),
    features: features.map((one) => featureJson(one, fleet.feature(one.feature))),
    ready_at: readyAt === undefined ? null : time(readyAt),
    peers: peersJson(verdict, seen, fleet.groupOf),
    silenced: silence === undefined ? null : silenceJson(silence),
    incident: incident === undefined ? null : incidentJson(incident),
    exhaustion: verdict.exhaustion,
    drift: finite(verdict.drift),
    alarms_per_day: alarmsPerDay,
    model: model === undefined ? null : modelJson(model),
  }
}

function featureJson({ feature, actual, expected, share }: Contribution, info: FeatureInfo | undefined): FeatureJson {
  const numbers = { actual: finite(actual), expected: finite(expected), share: finite(share) }
  return { name: feature, unit: info?.unit ?? null, help: info?.help ?? '', ...numbers }
}

function peersJson({ target }: Verdict, seen: Iterable<Verdict>, groupOf: Fleet['groupOf']): PeersJson | null {
  const group = groupOf(target.labels)
  if (group === '') return null
  const peers = [...seen].filter((one) => groupOf(one.target.labels) === group)
  return { group, size: peers.length, anomalous: peers.filter(({ detected }) => detected).length }
}

function silenceJson({ until, by, text }: Silence): SilenceJson {
  return { until: new Date(until).toISOString(), by, text }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

function time(ms: number): string | null {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : null
}
