import { QueryClient } from '@tanstack/react-query'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ActionJson, FleetJson, IncidentJson, SessionJson, StatusJson } from '../../api/contract.ts'
import { applyEvent } from './apply-event.ts'
import { keyOf } from './queries.ts'

const at = '2026-11-21T10:00:00Z'
const KNOWN = [
  'incidents?state=opened',
  'incidents/i%201',
  'incidents/i2',
  'actions',
  'actions/a1',
  'targets/web%401',
  'targets/web%401/scores?from=x',
  'rules',
]

let queries: QueryClient
/** Paths of what would be asked for again. */
const outdated = () =>
  queries
    .getQueryCache()
    .findAll({ predicate: ({ state }) => state.isInvalidated })
    .map(({ queryKey }) => queryKey[1])

beforeEach(() => {
  queries = new QueryClient()
  for (const path of KNOWN) queries.setQueryData(keyOf(path), {})
})

describe('an event', () => {
  it('of targets changes the fleet at once, and what is known of a target that moved', () => {
    const fleet: FleetJson = {
      at: null,
      last_event_id: '1',
      targets: [{ id: 'web@1', labels: {}, state: 'fresh', level: 0.1, detected: false }],
    }
    queries.setQueryData(keyOf('fleet'), fleet)

    applyEvent(queries, 'targets', { at, changed: [], gone: [], levels: { 'web@1': 1.4 } })

    expect(queries.getQueryData<FleetJson>(keyOf('fleet'))?.targets[0].level).toBe(1.4)
    expect(outdated()).toEqual(['targets/web%401'])
  })

  it('of an incident outdates lists of incidents, itself, its target, and what rules count', () => {
    const incident = { id: 'i 1', target: 'web@1' } as IncidentJson

    applyEvent(queries, 'incident', { change: 'changed', incident })

    expect(outdated()).toEqual(['incidents?state=opened', 'incidents/i%201', 'targets/web%401', 'rules'])
  })

  it('of an action outdates lists of actions, itself and its incident', () => {
    applyEvent(queries, 'action', { id: 'a1', incident_id: 'i2' } as ActionJson)

    expect(outdated()).toEqual(['incidents/i2', 'actions', 'actions/a1'])
  })

  it('of the status tells of a freeze, and of what one may do by now', () => {
    const freeze = { frozen: true, by: 'api', reason: '', since: at }
    const permissions = { operate: false, freeze: false, unfreeze: false, reload: false, whole_fleet: true }
    queries.setQueryData(keyOf('session'), { name: 'a' } as SessionJson)

    applyEvent(queries, 'status', { freeze, permissions, targets: { with_model: 1 } } as StatusJson)

    expect(queries.getQueryData(keyOf('freeze'))).toEqual(freeze)
    expect(queries.getQueryData(keyOf('session'))).toEqual({ name: 'a', permissions })
  })

  it('of the status outdates models, of whose versions nothing else tells', () => {
    queries.setQueryData(keyOf('models?limit=100'), {})

    applyEvent(queries, 'status', { freeze: {}, permissions: {}, targets: { with_model: 1 } } as StatusJson)

    expect(outdated()).toEqual(['models?limit=100'])
  })

  it('that all is to be asked for again leaves out the fleet, which is asked for by who follows the events', () => {
    queries.setQueryData(keyOf('fleet'), { targets: [] })

    applyEvent(queries, 'reset', { at, reason: 'restarted' })

    expect(outdated()).toEqual(KNOWN)
  })

  it('that the line is there again outdates what could not be asked', async () => {
    const failed = queries.fetchQuery({
      queryKey: keyOf('kpis'),
      queryFn: () => Promise.reject(new Error('nobody there')),
      retry: false,
    })
    await failed.catch(() => undefined)

    applyEvent(queries, 'hello', { at, id: '1' })

    expect(outdated()).toEqual(['kpis'])
  })
})
