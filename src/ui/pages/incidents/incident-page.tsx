import type { IncidentDetailJson } from '../../../api/contract.ts'
import { useGet } from '../../api/queries.ts'
import { href, incidentPath, targetPath } from '../../app/router.ts'
import { Shown } from '../../components/answer.tsx'
import { LevelBadge } from '../../components/level-badge.tsx'
import { Silence } from '../../components/silence.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import { INCIDENT_LOOKS, isOpenIncident } from '../../components/states.ts'
import { TimeText } from '../../components/time-text.tsx'
import { capital, formatShare, words } from '../../format.ts'
import { ActionTable } from '../actions/action-table.tsx'
import { Waiting } from '../actions/waiting.tsx'
import { AlertList } from './alert-list.tsx'
import { Contributions } from './contributions.tsx'
import { IncidentButtons } from './incident-buttons.tsx'
import { Lasted } from './incident-table.tsx'
import { Story } from './story.tsx'
import './incident-page.css'

/** One incident, as a story from first sign to proof of recovery. */
export function IncidentPage({ id }: { readonly id: string }) {
  const answer = useGet<IncidentDetailJson>(`incidents/${encodeURIComponent(id)}`)
  return (
    <>
      {answer.data === undefined && <h1>Incident</h1>}
      <Shown answer={answer} what={`the incident ${id}`}>
        {(incident) => <Incident incident={incident} />}
      </Shown>
    </>
  )
}

function Incident({ incident }: { readonly incident: IncidentDetailJson }) {
  const { id, target, actions, alerts, related, timeline, opened_at } = incident
  const told = new Set(actions.filter(({ action }) => action === 'alert').map((each) => each.id))
  const waiting = actions.filter(({ state }) => state === 'AWAITING_APPROVAL')
  return (
    <div className="stack-wide">
      <Head incident={incident} />
      {waiting.length > 0 && <Waiting actions={waiting} isWithin />}
      <div className="incident-columns">
        <div className="stack-wide incident-why">
          <Why incident={incident} />
          <Contributions incident={incident} />
          {alerts.length > 0 && <AlertList alerts={alerts} />}
          {related.length > 0 && <Related ids={related} />}
          {isOpenIncident(incident) && (
            <details>
              <summary>Silence</summary>
              <Silence incidentId={id} target={target} />
            </details>
          )}
        </div>
        <Story timeline={timeline} openedAt={opened_at} told={told} />
      </div>
      {actions.length > 0 && (
        <section className="stack" aria-label="Actions">
          <h2>Actions</h2>
          <ActionTable actions={actions} isWithin />
        </section>
      )}
    </div>
  )
}

function Head({ incident }: { readonly incident: IncidentDetailJson }) {
  const { target, state, cause, level, opened_at } = incident
  return (
    <header className="stack">
      <div className="page-head">
        <h1>
          {cause === null ? 'Not diagnosed yet' : capital(words(cause))}
          <span className="muted"> of </span>
          <a className="wrap" href={href(targetPath(target))}>
            {target}
          </a>
        </h1>
        <IncidentButtons incident={incident} />
      </div>
      <div className="row incident-facts">
        <StateBadge {...INCIDENT_LOOKS[state]} />
        {level !== null && level > 0 && (
          <span>
            <span className="muted">highest level </span>
            <LevelBadge level={level} past={!isOpenIncident(incident)} />
          </span>
        )}
        <span>
          <span className="muted">began </span>
          <TimeText at={opened_at} show="both" />
        </span>
        {incident.closed_at !== null && (
          <span>
            <span className="muted">lasted </span>
            <Lasted {...incident} />
          </span>
        )}
        <a href={href(targetPath(target), chartsOf(incident))}>Charts of this time</a>
      </div>
    </header>
  )
}

const AROUND_MS = 900_000

/** The range of time of the target's page that shows an incident with what came before; one that goes on is live. */
function chartsOf({ opened_at, closed_at, contributions }: IncidentDetailJson) {
  const features = contributions[0]?.feature
  if (closed_at === null) return { features }
  const from = new Date(Date.parse(opened_at) - AROUND_MS).toISOString()
  const to = Math.min(Date.parse(closed_at) + AROUND_MS, Date.now())
  return { from, to: new Date(to).toISOString(), features }
}

function Why({ incident: { diagnosis, target } }: { readonly incident: IncidentDetailJson }) {
  return (
    <section className="stack" aria-label="Diagnosis">
      <h2>Why</h2>
      {diagnosis === null ? (
        <p className="muted">There is no diagnosis yet.</p>
      ) : (
        <>
          <ul className="evidence">
            {diagnosis.evidence.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
          <dl className="facts">
            <dt>cause</dt>
            <dd>
              {words(diagnosis.cause)}, <span className="number">{formatShare(diagnosis.confidence)}</span> sure
            </dd>
            {diagnosis.root_target !== target && (
              <>
                <dt>root</dt>
                <dd>
                  <a href={href(targetPath(diagnosis.root_target))}>{diagnosis.root_target}</a>
                </dd>
              </>
            )}
            {diagnosis.peers !== null && (
              <>
                <dt>others</dt>
                <dd>
                  {diagnosis.peers.anomalous <= 1
                    ? `only this one of ${diagnosis.peers.size} in ${diagnosis.peers.group}`
                    : `${diagnosis.peers.anomalous} of ${diagnosis.peers.size} in ${diagnosis.peers.group} were unwell`}
                </dd>
              </>
            )}
          </dl>
        </>
      )}
    </section>
  )
}

function Related({ ids }: { readonly ids: readonly string[] }) {
  return (
    <section className="stack" aria-label="Related incidents">
      <h2>Belongs together with</h2>
      <ul>
        {ids.map((id) => (
          <li key={id}>
            <RelatedIncident id={id} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function RelatedIncident({ id }: { readonly id: string }) {
  const { data } = useGet<IncidentDetailJson>(`incidents/${encodeURIComponent(id)}`)
  return (
    <span className="row">
      <a className="wrap" href={href(incidentPath(id))}>
        {data === undefined ? id : `${data.cause === null ? 'not diagnosed' : words(data.cause)} of ${data.target}`}
      </a>
      {data !== undefined && <StateBadge {...INCIDENT_LOOKS[data.state]} />}
    </span>
  )
}
