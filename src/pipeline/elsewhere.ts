import { isFiring, isOurs } from '../domain/alert.ts'
import { type Incident, isUnwell } from '../domain/incident.ts'
import {
  type SuppressedAlert,
  type Suppressions,
  type Suspect,
  silencedUntil,
  silenceOver,
  silenceText,
} from '../domain/suppression.ts'
import { type Target, targetOf } from '../domain/target.ts'
import { alertTarget, type KnownTargets } from './alert-target.ts'

type Labels = Target['labels']

/** Suppressed alerts, by what an incident may know them by. */
interface Index {
  readonly byTarget: ReadonlyMap<string, readonly SuppressedAlert[]>
  readonly byLabels: ReadonlyMap<string, SuppressedAlert>
}

/** Says why nothing should be done about a target, by what people have silenced, and what is inhibited, elsewhere. */
export type Elsewhere = (
  suspect: Suspect,
  suppressions: Suppressions,
  known: KnownTargets,
  at: number,
) => string | undefined

/**
 * A target is left alone when a silence fits it or one of its alerts, and when an alert about it is kept from people.
 * One that another alert about the same target inhibits is not: then that one speaks for it.
 *
 * @param identity labels that tell targets apart
 */
export function createElsewhere(identity: readonly string[]): Elsewhere {
  const indexOf = createIndexing(identity)
  return (given, suppressions, known, at) => {
    // A target that only alerts speak of carries labels of the first one, too: these are none of its own.
    const suspect = { ...given, target: { ...given.target, labels: targetOf(given.target.labels, identity).labels } }
    const silence = silenceOver(suspect, suppressions.silences, at)
    if (silence !== undefined) return silenceText(silence)
    if (suppressions.alerts.length === 0) return undefined
    const { byTarget, byLabels } = indexOf(suppressions, known)
    const own = suspect.alerts.flatMap(({ labels }) => byLabels.get(keyOf(labels)) ?? [])
    for (const alert of [...own, ...(byTarget.get(suspect.target.id) ?? [])]) {
      const why = whyQuiet(alert, suspect.target, suppressions, identity, at)
      if (why !== undefined) return `its alert ${nameOf(alert.labels)} is ${why}`
    }
    return undefined
  }
}

/**
 * Until when an incident is silenced elsewhere, with all that speaks in it; of one that is over, all that has spoken.
 *
 * @param identity labels that tell targets apart
 * @returns undefined where people are to be told
 */
export function quietUntil(
  incident: Incident,
  silences: Suppressions['silences'],
  identity: readonly string[],
  at: number,
): number | undefined {
  const { alerts, anomalous, level } = incident
  const target = { id: incident.target, labels: targetOf(incident.labels, identity).labels }
  const ours = alerts.filter((alert) => isOurs(alert.labels)).map(({ labels }) => labels)
  const others = alerts.filter((alert) => !isOurs(alert.labels))
  const suspect = isUnwell(incident)
    ? { target, anomalous, alerts: others.filter(isFiring) }
    : { target, anomalous: level > 0, alerts: others }
  return silencedUntil(suspect, ours, silences, at)
}

function whyQuiet(
  { silencedBy, inhibitedBy }: SuppressedAlert,
  target: Target,
  { silences }: Suppressions,
  identity: readonly string[],
  at: number,
): string | undefined {
  for (const id of silencedBy) {
    const silence = silences.find((one) => one.id === id)
    if (silence === undefined) return 'silenced in Alertmanager'
    if (at < silence.endsAt) return silenceText(silence)
  }
  for (const labels of inhibitedBy) {
    if (labels === undefined) return 'inhibited in Alertmanager'
    if (isAbout(labels, target, identity)) continue
    return `inhibited in Alertmanager by ${nameOf(labels)} of ${targetOf(labels, identity).id}`
  }
  return undefined
}

/** Whether an alert is about a target by the identity labels that it has. */
function isAbout(labels: Labels, target: Target, identity: readonly string[]): boolean {
  const given = identity.filter((name) => (labels[name] ?? '') !== '')
  return given.length > 0 && given.every((name) => labels[name] === target.labels[name])
}

/** Reading the answers anew, or seeing the fleet anew, makes another index; asking does not. */
function createIndexing(identity: readonly string[]): (suppressions: Suppressions, known: KnownTargets) => Index {
  let last: { readonly suppressions: Suppressions; readonly known: KnownTargets; readonly index: Index } | undefined
  return (suppressions, known) => {
    if (last?.suppressions !== suppressions || last.known !== known) {
      last = { suppressions, known, index: indexed(suppressions.alerts, identity, known) }
    }
    return last.index
  }
}

function indexed(alerts: readonly SuppressedAlert[], identity: readonly string[], known: KnownTargets): Index {
  const byTarget = new Map<string, SuppressedAlert[]>()
  const byLabels = new Map<string, SuppressedAlert>()
  for (const alert of alerts) {
    const { labels } = alert
    byLabels.set(keyOf(labels), alert)
    if (identity.every((name) => (labels[name] ?? '') === '')) continue
    const { id } = alertTarget({ labels, fingerprint: '' }, identity, known)
    const some = byTarget.get(id)
    if (some === undefined) byTarget.set(id, [alert])
    else some.push(alert)
  }
  return { byTarget, byLabels }
}

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function nameOf(labels: Labels): string {
  return labels['alertname'] ?? 'without a name'
}
