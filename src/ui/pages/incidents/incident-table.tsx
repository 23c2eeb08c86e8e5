import type { IncidentJson } from '../../../api/contract.ts'
import { href, incidentPath, targetPath } from '../../app/router.ts'
import { LevelBadge } from '../../components/level-badge.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import { INCIDENT_LOOKS, isOpenIncident } from '../../components/states.ts'
import { TimeText } from '../../components/time-text.tsx'
import { useNow } from '../../components/use-now.ts'
import { formatDuration, plural, words } from '../../format.ts'

export function IncidentTable({ incidents }: { readonly incidents: readonly IncidentJson[] }) {
  return (
    <div className="table-frame">
      <table className="table table-fold">
        <thead>
          <tr>
            <th scope="col">incident</th>
            <th scope="col">target</th>
            <th scope="col">state</th>
            <th scope="col">highest level</th>
            <th scope="col">evidence</th>
            <th scope="col" className="cell-number">
              began
            </th>
            <th scope="col" className="cell-number">
              lasted
            </th>
          </tr>
        </thead>
        <tbody>
          {incidents.map((incident) => (
            <Row key={incident.id} {...incident} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row(incident: IncidentJson) {
  const { id, target, state, level, cause, evidence, alerts_firing, acknowledged_at, opened_at } = incident
  return (
    <tr data-row-group="">
      <th scope="row">
        <a data-row="" href={href(incidentPath(id))}>
          {cause === null ? 'not diagnosed yet' : words(cause)}
        </a>
      </th>
      <td className="wrap">
        <a href={href(targetPath(target))}>{target}</a>
      </td>
      <td>
        <StateBadge {...INCIDENT_LOOKS[state]} />
        {acknowledged_at !== null && <div className="muted">acknowledged</div>}
      </td>
      <td>
        {level !== null && level > 0 ? (
          <LevelBadge level={level} past={!isOpenIncident(incident)} />
        ) : (
          <span className="muted">by alerts only</span>
        )}
      </td>
      <td className="wrap">
        {evidence}
        {alerts_firing > 0 && <div className="muted">{plural(alerts_firing, 'alert')} firing</div>}
      </td>
      <td className="cell-number" data-label="began">
        <TimeText at={opened_at} />
      </td>
      <td className="cell-number" data-label="lasted">
        <Lasted {...incident} />
      </td>
    </tr>
  )
}

/** From the beginning to the end, or until now. */
export function Lasted({ opened_at, closed_at }: Pick<IncidentJson, 'opened_at' | 'closed_at'>) {
  const now = useNow()
  const end = closed_at === null ? Math.max(now, Date.parse(opened_at)) : Date.parse(closed_at)
  return <span className="number">{formatDuration((end - Date.parse(opened_at)) / 1000)}</span>
}
