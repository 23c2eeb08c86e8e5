import { type Alert, isOurs } from '../domain/alert.ts'
import type { Incident } from '../domain/incident.ts'
import type { JournalEntries } from './journal.ts'

/** How far back, in incidents of a target, an alert that lapsed is looked for. */
const INCIDENTS_BACK = 20

/**
 * Of alerts that were delivered before, those that were taken for over because nobody said them any more: said again,
 * they are news.
 *
 * @param before the incidents of their targets that are not closed
 */
export async function revived(
  entries: Pick<JournalEntries, 'incidents'>,
  repeated: readonly Alert[],
  before: readonly Incident[],
  targetOf: (alert: Alert) => string,
): Promise<ReadonlySet<Alert>> {
  if (repeated.length === 0) return new Set()
  const ongoing = new Map(before.map(({ target, alerts }) => [target, byFingerprint(alerts)]))
  const past = new Map<string, readonly Incident[]>()
  const back = new Set<Alert>()
  for (const alert of repeated) {
    if (alert.status !== 'firing' || isOurs(alert.labels)) continue
    const target = targetOf(alert)
    let known = ongoing.get(target)?.get(alert.fingerprint)
    if (known === undefined) {
      const some = past.get(target) ?? (await entries.incidents({ target, limit: INCIDENTS_BACK }))
      past.set(target, some)
      known = some.flatMap(({ alerts }) => alerts).find(({ fingerprint }) => fingerprint === alert.fingerprint)
    }
    if (known?.lapsed === true && known.startsAt === alert.startsAt) back.add(alert)
  }
  return back
}

function byFingerprint(alerts: Incident['alerts']): Map<string, Incident['alerts'][number]> {
  return new Map(alerts.map((alert) => [alert.fingerprint, alert]))
}
