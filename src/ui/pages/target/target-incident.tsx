import type { ActionJson, IncidentJson, Page } from '../../../api/contract.ts'
import { useGet } from '../../api/queries.ts'
import { href, incidentPath } from '../../app/router.ts'
import { StateBadge } from '../../components/state-badge.tsx'
import { INCIDENT_LOOKS } from '../../components/states.ts'
import { TimeText } from '../../components/time-text.tsx'
import { words } from '../../format.ts'
import { Waiting } from '../actions/waiting.tsx'

/** The incident that goes on, and what waits in it for a person. */
export function TargetIncident({ incident }: { readonly incident: IncidentJson }) {
  const { id, cause, state, opened_at, evidence } = incident
  const waiting = useGet<Page<ActionJson>>('actions?state=AWAITING_APPROVAL&limit=200').data?.items ?? []
  const mine = waiting.filter(({ incident_id }) => incident_id === id)
  return (
    <>
      <section className="panel row" aria-label="Incident">
        <StateBadge {...INCIDENT_LOOKS[state]} />
        <a data-row="" href={href(incidentPath(id))}>
          Incident: {cause === null ? 'not diagnosed yet' : words(cause)}
        </a>
        <span className="wrap">{evidence}</span>
        <span className="muted">
          began <TimeText at={opened_at} />
        </span>
      </section>
      {mine.length > 0 && <Waiting actions={mine} />}
    </>
  )
}
