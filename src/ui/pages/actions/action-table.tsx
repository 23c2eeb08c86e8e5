import type { ActionJson } from '../../../api/contract.ts'
import { href, incidentPath, targetPath, useRoute } from '../../app/router.ts'
import { deedOf } from '../../components/deed.ts'
import { StateBadge } from '../../components/state-badge.tsx'
import { ACTION_LOOKS } from '../../components/states.ts'
import { TimeText } from '../../components/time-text.tsx'

/** The ledger: what was done, or was not, and why. Within an incident all are of it and of its target. */
export function ActionTable(props: { readonly actions: readonly ActionJson[]; readonly isWithin?: boolean }) {
  const { actions, isWithin = false } = props
  return (
    <div className="table-frame">
      <table className="table table-fold">
        <thead>
          <tr>
            <th scope="col">action</th>
            <th scope="col">state</th>
            <th scope="col">why</th>
            <th scope="col">by</th>
            {!isWithin && <th scope="col">target</th>}
            <th scope="col" className="cell-number">
              planned
            </th>
          </tr>
        </thead>
        <tbody>
          {actions.map((action) => (
            <Row key={action.id} action={action} isWithin={isWithin} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ action, isWithin }: { readonly action: ActionJson; readonly isWithin: boolean }) {
  const { page, params } = useRoute()
  const { id, state, reason, rule, mode, target, incident_id, created_at, call } = action
  return (
    <tr data-row-group="">
      <th scope="row">
        <a data-row="" href={href('/actions', page === 'actions' ? { ...params, id } : { id })}>
          {deedOf(action)}
        </a>
      </th>
      <td>
        <StateBadge {...ACTION_LOOKS[state]} />
      </td>
      <td className="wrap">
        {reason}
        {call !== '' && (
          <details>
            <summary className="muted">the exact call</summary>
            <code>{call}</code>
          </details>
        )}
      </td>
      <td className="wrap">
        {rule === 'manual' ? 'a person' : rule} <span className="muted">{mode}</span>
      </td>
      {!isWithin && (
        <td className="wrap">
          <a href={href(targetPath(target))}>{target}</a>
          {incident_id !== null && (
            <div>
              <a href={href(incidentPath(incident_id))}>incident</a>
            </div>
          )}
        </td>
      )}
      <td className="cell-number" data-label="planned">
        <TimeText at={created_at} />
      </td>
    </tr>
  )
}
