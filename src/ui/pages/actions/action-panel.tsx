import { useEffect, useRef } from 'react'
import type { ActionDetailJson } from '../../../api/contract.ts'
import { useGet } from '../../api/queries.ts'
import { href, incidentPath, setParams, targetPath } from '../../app/router.ts'
import { Shown } from '../../components/answer.tsx'
import { deedOf } from '../../components/deed.ts'
import { StateBadge } from '../../components/state-badge.tsx'
import { ACTION_LOOKS } from '../../components/states.ts'
import { TimeText } from '../../components/time-text.tsx'
import { whoOf } from '../../components/who.ts'
import './action-panel.css'

/** Everything that the ledger knows of one action. */
export function ActionPanel({ id }: { readonly id: string }) {
  const answer = useGet<ActionDetailJson>(`actions/${encodeURIComponent(id)}`)
  const panel = useRef<HTMLElement>(null)
  useEffect(() => {
    // It stands above the row that was pressed.
    panel.current?.scrollIntoView({ block: 'nearest' })
    panel.current?.focus({ preventScroll: true })
  }, [])
  return (
    <section ref={panel} className="panel stack action-panel" tabIndex={-1} aria-label="One action">
      <Shown answer={answer} what="the action">
        {(action) => <Detail action={action} />}
      </Shown>
      <div>
        <button type="button" className="button" onClick={() => setParams({ id: undefined })}>
          Close
        </button>
      </div>
    </section>
  )
}

function Detail({ action }: { readonly action: ActionDetailJson }) {
  const { state, reason, target, incident_id, call, parameters, rule, mode, severity, by, approved_by } = action
  return (
    <>
      <h2>{deedOf(action)}</h2>
      <div className="row">
        <StateBadge {...ACTION_LOOKS[state]} />
        <span className="muted">{ACTION_LOOKS[state].help}</span>
      </div>
      <dl className="facts">
        <dt>why</dt>
        <dd>{reason === '' ? '–' : reason}</dd>
        <dt>exact call</dt>
        <dd>{call === '' ? 'not prepared' : <code>{call}</code>}</dd>
        <dt>parameters</dt>
        <dd>{Object.keys(parameters).length === 0 ? 'none' : <code>{JSON.stringify(parameters)}</code>}</dd>
        <dt>target</dt>
        <dd>
          <a href={href(targetPath(target))}>{target}</a>
        </dd>
        {incident_id !== null && (
          <>
            <dt>incident</dt>
            <dd>
              <a href={href(incidentPath(incident_id))}>{incident_id}</a>
            </dd>
          </>
        )}
        <dt>asked for by</dt>
        <dd>
          {whoOf(by)}
          {rule !== 'manual' && `, rule ${rule}, mode ${mode}`}, {severity}
        </dd>
        {approved_by !== null && (
          <>
            <dt>approved by</dt>
            <dd>{whoOf(approved_by)}</dd>
          </>
        )}
        <Times {...action} />
      </dl>
    </>
  )
}

/** Not begun yet, but it may be. */
const TO_COME: readonly ActionDetailJson['state'][] = ['PLANNED', 'AWAITING_APPROVAL', 'CLAIMED']

function Times({ state, created_at, started_at, finished_at, expires_at }: ActionDetailJson) {
  return (
    <>
      <dt>planned</dt>
      <dd>
        <TimeText at={created_at} show="both" />
      </dd>
      <dt>begun</dt>
      <dd>
        <TimeText at={started_at} show="both" missing="not begun" />
      </dd>
      {(started_at !== null || finished_at !== null) && (
        <>
          <dt>ended</dt>
          <dd>
            <TimeText at={finished_at} show="both" missing="not ended" />
          </dd>
        </>
      )}
      {TO_COME.includes(state) && (
        <>
          <dt>not begun after</dt>
          <dd>
            <TimeText at={expires_at} show="both" />
          </dd>
        </>
      )}
    </>
  )
}
