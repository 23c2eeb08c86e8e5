import type { ActionJson, IncidentJson } from '../../../api/contract.ts'
import type { Mark } from '../../charts/plot-types.ts'
import type { TimeRange } from '../../charts/range.ts'

/** What happened to a target within a time, newest first. */
export type Happening =
  | { readonly kind: 'incident'; readonly at: number; readonly incident: IncidentJson }
  | { readonly kind: 'action'; readonly at: number; readonly action: ActionJson }

/**
 * Incidents that touch the range, and actions that were begun or planned in it.
 *
 * @param range ms since the epoch
 */
export function happeningsOf(
  incidents: readonly IncidentJson[],
  actions: readonly ActionJson[],
  { from, to }: Pick<TimeRange, 'from' | 'to'>,
): Happening[] {
  const all: Happening[] = []
  for (const incident of incidents) {
    const at = Date.parse(incident.opened_at)
    const end = incident.closed_at === null ? Number.POSITIVE_INFINITY : Date.parse(incident.closed_at)
    if (at <= to && end >= from) all.push({ kind: 'incident', at, incident })
  }
  for (const action of actions) {
    const at = Date.parse(action.started_at ?? action.created_at)
    if (at >= from && at <= to) all.push({ kind: 'action', at, action })
  }
  return all.sort((a, b) => b.at - a.at)
}

/** States in which nothing was done to the target. */
const NOT_BEGUN = new Set<ActionJson['state']>(['REFUSED', 'EXPIRED', 'DRY_RUN'])

/** The marks on the axis: of actions only those that touched the target, or may yet. @param now ms */
export function marksOf(happenings: readonly Happening[], now: number): Mark[] {
  return happenings.flatMap((happening): Mark[] => {
    const { kind, at } = happening
    if (kind === 'incident') {
      const { closed_at } = happening.incident
      return [{ kind, at, to: closed_at === null ? now : Date.parse(closed_at) }]
    }
    return NOT_BEGUN.has(happening.action.state) ? [] : [{ kind, at }]
  })
}
