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
  entries: Pick<JournalEntries, 'latestOf'>,
  repeated: readonly Alert[],
  before: readonly Incident[],
  targetOf: (alert: Alert) => string,
): Promise<ReadonlySet<Alert>> {
  const firing = repeated.filter(({ status, labels }) => status === 'firing' && !isOurs(labels))
  if (firing.length === 0) return new Set()
  const known = byTarget(before)
  const strange = new Set(firing.filter((alert) => !known.get(targetOf(alert))?.has(alert.fingerprint)).map(targetOf))
  const past = strange.size === 0 ? known : byTarget(await entries.latestOf([...strange], INCIDENTS_BACK))
  const back = firing.filter((alert) => {
    const target = targetOf(alert)
    const { fingerprint, startsAt } = alert
    const last = known.get(target)?.get(fingerprint) ?? past.get(target)?.get(fingerprint)
    return last?.lapsed === true && last.startsAt === startsAt
  })
  return new Set(back)
}

type Known = Map<string, Incident['alerts'][number]>

/** The alerts of each target by fingerprint, as the newest incident has them. @param incidents newest first */
function byTarget(incidents: readonly Incident[]): ReadonlyMap<string, Known> {
  const found = new Map<string, Known>()
  for (const { target, alerts } of incidents) {
    const known: Known = found.get(target) ?? new Map()
    for (const alert of alerts) if (!known.has(alert.fingerprint)) known.set(alert.fingerprint, alert)
    found.set(target, known)
  }
  return found
}
