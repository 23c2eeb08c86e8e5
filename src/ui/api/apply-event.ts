import type { QueryClient, QueryKey } from '@tanstack/react-query'
import type { EventsJson, FleetJson, SessionJson, StatusJson, TargetsEventJson } from '../../api/contract.ts'
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
    void queries.invalidateQueries({ predicate: ({ queryKey }) => isMoved(queryKey, event) })
  },
  incident: (queries, { incident }) => {
    invalidateList(queries, 'incidents')
    // Rules count what they decided in incidents.
    invalidateList(queries, 'rules')
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
    const before = queries.getQueryData<StatusJson>(keyOf('status'))
    queries.setQueryData(keyOf('status'), status)
    // Nothing tells of a new version of a model: who comes to the page asks, and who is there when there is a new model.
    const refetchType = before?.targets.with_model === status.targets.with_model ? 'none' : 'active'
    void queries.invalidateQueries({ queryKey: ['models'], refetchType })
    queries.setQueryData(keyOf('freeze'), status.freeze)
    queries.setQueryData<SessionJson | null>(
      keyOf('session'),
      (session) => session && { ...session, permissions: status.permissions },
    )
  },
}

/** Whether a key is that of the detail of a target that an event is about. */
function isMoved([resource, path]: QueryKey, { changed, gone, levels }: TargetsEventJson): boolean {
  if (resource !== 'targets') return false
  const id = decodeURIComponent(String(path).slice('targets/'.length))
  return Object.hasOwn(levels, id) || gone.includes(id) || changed.some((target) => target.id === id)
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
