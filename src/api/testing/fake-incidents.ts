import { acknowledged, type Incident, judged, opened } from '../../domain/incident.ts'
import type { Incidents } from '../incidents.ts'

export const NOON = Date.parse('2026-11-21T12:00:00Z')

/** An incident of a target, opened so many minutes after noon. */
export function incidentOf(id: string, target: string, minutes: number): Incident {
  const contributions = [
    { feature: 'cpu_busy', share: 0.75, actual: 91, expected: 28 },
    { feature: 'load1_per_core', share: 0.25, actual: 4, expected: Number.NaN },
  ]
  return opened(id, target, { at: NOON + minutes * 60_000, level: 2, contributions })
}

/** Incidents in memory; oldest first as given. */
export function fakeIncidents(given: readonly Incident[] = []): Incidents {
  const all = new Map(given.map((incident) => [incident.id, incident]))
  const change = (id: string, next: (incident: Incident) => Incident) => {
    const before = all.get(id)
    if (before !== undefined) all.set(id, next(before))
    return all.get(id)
  }
  let marked = 0
  return {
    async list({ target, states, before, limit }) {
      const found = [...all.values()]
        .filter((one) => (target === undefined || one.target === target) && (before === undefined || one.id < before))
        .filter((one) => states === undefined || states.includes(one.state))
        .reverse()
      return { items: found.slice(0, limit), more: found.length > limit }
    },
    get: async (id) => all.get(id),
    ongoing: async (target) => [...all.values()].findLast((one) => one.target === target && one.endedAt === undefined),
    acknowledge: async (id) => change(id, (incident) => acknowledged(incident, NOON)),
    judge: async (id, useful) => change(id, (incident) => judged(incident, useful, NOON)),
    mark: async (given) => ({ ...given, id: `c${marked++}`, at: NOON }),
  }
}
