import { useMemo } from 'react'
import type { ActionJson, IncidentJson, Page } from '../../api/contract.ts'
import { useGet } from './queries.ts'

/** An incident, and what waits for a person in it. One of the two may be missing. */
export interface Matter {
  readonly id: string
  readonly incident?: IncidentJson
  readonly actions: readonly ActionJson[]
}

export interface Matters {
  /** Actions that wait for a yes or no, and incidents that wait for a person and that nobody has acknowledged. */
  readonly needMe: readonly Matter[]
  /** Incidents that go on and are being looked after. */
  readonly goOn: readonly Matter[]
}

const OPEN_STATES: readonly IncidentJson['state'][] = ['opened', 'acting', 'verifying', 'escalated']
const OPEN = `incidents?state=${OPEN_STATES.join()}&limit=200`
const WAITING = 'actions?state=AWAITING_APPROVAL&limit=100'

/** What goes on, newest first; undefined until it is known. */
export function useMatters(): { readonly matters: Matters | undefined; readonly error: Error | null } {
  const incidents = useGet<Page<IncidentJson>>(OPEN)
  const actions = useGet<Page<ActionJson>>(WAITING)
  const matters = useMemo(
    () => incidents.data && actions.data && mattersOf(incidents.data.items, actions.data.items),
    [incidents.data, actions.data],
  )
  return { matters, error: incidents.error ?? actions.error }
}

/** @param incidents of any state; @param actions those that wait; both newest first */
export function mattersOf(incidents: readonly IncidentJson[], actions: readonly ActionJson[]): Matters {
  const open = incidents.filter(({ state }) => OPEN_STATES.includes(state))
  const known = new Set(open.map(({ id }) => id))
  const alone = actions.filter(({ incident_id }) => incident_id === null || !known.has(incident_id))
  const matters: Matter[] = open.map((incident) => ({
    id: incident.id,
    incident,
    actions: actions.filter(({ incident_id }) => incident_id === incident.id),
  }))
  const needsMe = ({ incident, actions }: Matter) =>
    actions.length > 0 || (incident?.state === 'escalated' && incident.acknowledged_at === null)
  return {
    needMe: [...matters.filter(needsMe), ...alone.map((action) => ({ id: action.id, actions: [action] }))],
    goOn: matters.filter((matter) => !needsMe(matter)),
  }
}
