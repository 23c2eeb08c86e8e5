import type { Incident } from '../domain/incident.ts'
import { relatedTo } from '../domain/incident-course.ts'

/** Incidents of one group that open within so long of each other belong together. */
const WINDOW_MS = 300_000

/**
 * Links each new incident with the one that it belongs to: the incident of its root, or the first of its group that
 * opened shortly before.
 *
 * @param ongoing by target, the new ones included
 * @returns the incidents that have changed, in their newest version
 */
export function relate(
  fresh: readonly Incident[],
  ongoing: ReadonlyMap<string, Incident>,
  at: number,
): ReadonlyMap<string, Incident> {
  const changed = new Map<string, Incident>()
  if (fresh.length === 0) return changed
  const first = new Map<string, Incident>()
  for (const incident of ongoing.values()) {
    if (incident.state === 'recovered' || at - incident.openedAt > WINDOW_MS) continue
    const before = first.get(incident.group)
    if (before === undefined || incident.id < before.id) first.set(incident.group, incident)
  }
  const members = new Map<string, string[]>()
  for (const incident of fresh) {
    const root = rootOf(incident, ongoing) ?? first.get(incident.group)
    if (root === undefined || root.id === incident.id) continue
    changed.set(incident.target, relatedTo(incident, [root.id], at, `belongs to the incident of ${root.target}`))
    members.set(root.target, [...(members.get(root.target) ?? []), incident.id])
  }
  for (const [target, ids] of members) {
    const root = changed.get(target) ?? ongoing.get(target)!
    const count = ids.length === 1 ? 'another target has' : `${ids.length} other targets have`
    changed.set(target, relatedTo(root, ids, at, `${count} an incident that belongs to this one`))
  }
  return changed
}

function rootOf({ diagnosis, target }: Incident, ongoing: ReadonlyMap<string, Incident>): Incident | undefined {
  return diagnosis === undefined || diagnosis.rootTarget === target ? undefined : ongoing.get(diagnosis.rootTarget)
}
