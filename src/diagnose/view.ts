import type { Cause } from '../domain/diagnosis.ts'
import type { Facts } from '../domain/facts.ts'

/** What conditions see of a target: its facts, flat, under the names of the language. */
export type View = Readonly<Record<string, unknown>>

/** A name is listed once however many alerts carry it, and no more than so many names are. */
const MAX_ALERT_NAMES = 200

/**
 * @param features the features that any condition reads; the others are left out
 * @param diagnosis where there is one already
 */
export function viewOf(
  facts: Facts,
  features: readonly string[],
  diagnosis?: { readonly cause: Cause; readonly confidence: number },
): View {
  const view: Record<string, unknown> = {
    level: facts.level,
    severity: facts.severity,
    score: facts.score,
    anomaly: facts.anomalous,
    alerts: alertNames(facts),
    labels: facts.labels,
    detectors: facts.detectors,
    target: facts.target,
    group: facts.group,
    peers_anomalous: facts.peers?.anomalous ?? Number.NaN,
    peers_size: facts.peers?.size ?? Number.NaN,
    cause: diagnosis?.cause ?? 'unknown',
    confidence: diagnosis?.confidence ?? 0,
  }
  for (const name of features) view[name] = facts.features.get(name) ?? Number.NaN
  return view
}

/** Each name once, in the order of the alerts. */
export function alertNames({ alerts }: Facts): readonly string[] {
  if (alerts.length === 0) return NO_NAMES
  const names = new Set<string>()
  for (const { name } of alerts) {
    if (name !== '') names.add(name)
    if (names.size === MAX_ALERT_NAMES) break
  }
  return [...names]
}

const NO_NAMES: readonly string[] = []
