import { isFiring } from '../domain/alert.ts'
import type { Facts } from '../domain/facts.ts'
import type { Incident } from '../domain/incident.ts'
import { DETECTORS, type DetectorName } from '../domain/verdict.ts'
import type { FleetHealth, FleetNow } from './fleet.ts'

const NO_DETECTORS = Object.fromEntries(DETECTORS.map((name) => [name, Number.NaN])) as Record<DetectorName, number>

/**
 * All that is known of an incident's target now. What the detectors say is taken from the newest cycle; a target that
 * only alerts speak of has no numbers.
 */
export function factsOf(incident: Incident, fleet: FleetNow, health: FleetHealth, at: number): Facts {
  const { target, group } = incident
  const verdict = fleet.verdict(target)
  const firing = incident.alerts.filter(isFiring)
  const peers = health.group(group)
  return {
    at,
    target,
    labels: labelsOf(incident, verdict?.target.labels),
    group,
    features: fleet.features(target),
    anomalous: incident.anomalous,
    level: verdict?.level ?? Number.NaN,
    severity: verdict?.severity ?? Number.NaN,
    score: verdict?.score ?? Number.NaN,
    detectors: verdict?.detectors ?? NO_DETECTORS,
    contributions: verdict?.contributions ?? [],
    alerts: firing.map(({ name, labels, startsAt }) => ({ name, labels, startsAt })),
    peers: peers && { group, anomalous: peers.unhealthy, size: peers.size },
  }
}

/** Labels of the target win over those of its alerts, which others choose. */
export function labelsOf(incident: Incident, own: Readonly<Record<string, string>> = {}): Record<string, string> {
  const labels: Record<string, string> = Object.create(null)
  for (const alert of incident.alerts) if (isFiring(alert)) layOver(labels, alert.labels)
  layOver(labels, incident.labels)
  layOver(labels, own)
  return labels
}

/** Asked for every alert of every case: without lists of their own. */
function layOver(labels: Record<string, string>, layer: Readonly<Record<string, string>>): void {
  for (const name in layer) labels[name] = layer[name]
}
