import type { QueryClient } from '@tanstack/react-query'
import type { EventsJson, FleetJson, SessionJson } from '../../api/contract.ts'
import { patchFleet } from './fleet.ts'
import { isListOf, keyOf } from './queries.ts'

export type EventName = keyof EventsJson

/** What one event changes in what is known; only what is on the screen is asked for again. */
export function applyEvent<N extends EventName>(queries: QueryClient, name: N, data: EventsJson[N]): void {
  APPLY[name](queries, data)
}

const APPLY: { readonly [N in EventName]: (queries: QueryClient, data: EventsJson[N]) => void } = {
  hello: (queries) => {
    // What could not be asked while nobody answered.
    void queries.invalidateQueries({ predicate: ({ state }) => state.status === 'error' })
  },
  heartbeat: () => undefined,
  reset: (queries) => {
    // The fleet is asked for by who follows the events: they go on from its picture.
    void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'fleet' })
  },
  targets: (queries, event) => {
    queries.setQueryData<FleetJson>(keyOf('fleet'), (fleet) => fleet && patchFleet(fleet, event))
    const moved = [...event.changed.map(({ id }) => id), ...event.gone, ...Object.keys(event.levels)]
    const keys = new Set(moved.map(detailOf('targets')))
    void queries.invalidateQueries({ predicate: ({ queryKey }) => keys.has(String(queryKey[1])) })
  },
  incident: (queries, { incident }) => {
    invalidateList(queries, 'incidents')
    invalidate(queries, detailOf('incidents')(incident.id))
    invalidate(queries, detailOf('targets')(incident.target))
  },
  action: (queries, action) => {
    invalidateList(queries, 'actions')
    invalidate(queries, detailOf('actions')(action.id))
    if (action.incident_id !== null) invalidate(queries, detailOf('incidents')(action.incident_id))
  },
  freeze: (queries, freeze) => {
    queries.setQueryData(keyOf('freeze'), freeze)
  },
  status: (queries, status) => {
    queries.setQueryData(keyOf('status'), status)
    queries.setQueryData(keyOf('freeze'), status.freeze)
    queries.setQueryData<SessionJson | null>(
      keyOf('session'),
      (session) => session && { ...session, permissions: status.permissions },
    )
  },
}

function detailOf(resource: string): (id: string) => string {
  return (id) => `${resource}/${encodeURIComponent(id)}`
}

function invalidate(queries: QueryClient, path: string): void {
  void queries.invalidateQueries({ queryKey: keyOf(path), exact: true })
}

function invalidateList(queries: QueryClient, resource: string): void {
  void queries.invalidateQueries({ predicate: ({ queryKey }) => isListOf(resource, queryKey) })
}
