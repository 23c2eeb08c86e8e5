import type { ActionJson } from '../../../api/contract.ts'
import { href, incidentPath, targetPath } from '../../app/router.ts'
import { Approval } from '../../components/approval.tsx'
import { deedOf } from '../../components/deed.ts'
import { TimeText } from '../../components/time-text.tsx'
import './waiting.css'

interface WaitingProps {
  readonly actions: readonly ActionJson[]
  /** Whether it stands on the page of their incident. */
  readonly isWithin?: boolean
}

/** What waits for a person's yes, each with exactly what would be done. */
export function Waiting({ actions, isWithin = false }: WaitingProps) {
  return (
    <section className="stack" aria-label="Waiting for approval">
      <h2>
        <span aria-hidden="true">? </span>Waiting for approval
      </h2>
      <ul className="stack">
        {actions.map((action) => (
          <li key={action.id} className="panel waiting" data-row-group="">
            <WaitingAction action={action} isWithin={isWithin} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function WaitingAction({ action, isWithin }: { readonly action: ActionJson; readonly isWithin: boolean }) {
  const { id, target, rule, reason, call, incident_id, expires_at, severity } = action
  return (
    <>
      <div className="row">
        <a data-row="" href={href('/actions', { id })}>
          <strong>{deedOf(action)}</strong>
        </a>
        <span className="muted">
          {severity}, by {rule === 'manual' ? 'a person' : `rule ${rule}`}, expires <TimeText at={expires_at} />
        </span>
      </div>
      <div>
        on <a href={href(targetPath(target))}>{target}</a>
        {incident_id !== null && !isWithin && (
          <>
            {' '}
            for <a href={href(incidentPath(incident_id))}>this incident</a>
          </>
        )}
        {reason !== '' && <span className="muted">: {reason}</span>}
      </div>
      <div>{call === '' ? <span className="muted">The exact call is being prepared.</span> : <code>{call}</code>}</div>
      <Approval action={action} isCallShown />
    </>
  )
}
