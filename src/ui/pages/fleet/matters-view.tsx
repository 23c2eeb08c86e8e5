import { useMutation } from '@tanstack/react-query'
import { useLayoutEffect, useRef } from 'react'
import type { FleetJson, IncidentDetailJson } from '../../../api/contract.ts'
import { postJson } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { type Matter, useMatters } from '../../api/needs-me.ts'
import { useGet } from '../../api/queries.ts'
import { usePermissions } from '../../api/session.ts'
import { href, incidentPath, targetPath } from '../../app/router.ts'
import { Approval } from '../../components/approval.tsx'
import { deedOf, instanceOf } from '../../components/deed.ts'
import { LevelBadge } from '../../components/level-badge.tsx'
import { Outcome } from '../../components/outcome.tsx'
import { NEEDS_OPERATE } from '../../components/roles.ts'
import { StateBadge } from '../../components/state-badge.tsx'
import { INCIDENT_LOOKS } from '../../components/states.ts'
import { TimeText } from '../../components/time-text.tsx'
import { formatCount } from '../../format.ts'
import { calmWords } from './calm.ts'
import { whyOf } from './why.ts'
import './matters-view.css'

const MOST_SHOWN = 6
const MOST_GOING_ON = 3

/** Does anything need me? The answer, and what can be done about it. */
export function MattersView() {
  const { matters } = useMatters()
  // Who asks is told by the fleet below when nobody answers.
  if (matters === undefined) return null
  const { needMe, goOn } = matters
  if (needMe.length === 0 && goOn.length === 0) return <Calm />
  return (
    <section className="stack" aria-label="What needs me">
      {needMe.length === 0 ? (
        <Calm />
      ) : (
        <ul className="matters">
          {needMe.slice(0, MOST_SHOWN).map((matter) => (
            <MatterRow key={matter.id} matter={matter} />
          ))}
        </ul>
      )}
      <More count={needMe.length - MOST_SHOWN} />
      {goOn.length > 0 && <GoOn matters={goOn} />}
    </section>
  )
}

function Calm() {
  const { data: fleet } = useGet<FleetJson>('fleet')
  const live = useLive()
  return <p className="matters-calm">{calmWords(fleet?.targets, live)}</p>
}

function MatterRow({ matter }: { matter: Matter }) {
  const { incident, actions } = matter
  const target = incident?.target ?? actions[0].target
  const row = useFocusKept()
  return (
    <li ref={row} className="matter" data-row-group="">
      <div className="matter-what">
        {incident !== undefined && <LevelBadge level={incident.level} />}
        <a className="matter-target wrap" href={href(targetPath(target))}>
          {instanceOf(target)}
        </a>
        {incident !== undefined && <StateBadge {...INCIDENT_LOOKS[incident.state]} />}
        <TimeText at={incident?.opened_at ?? actions[0].created_at} />
      </div>
      <p className="matter-why wrap">
        <a data-row="" href={incident === undefined ? href('/actions') : href(incidentPath(incident.id))}>
          {incident === undefined ? `Asked: ${deedOf(actions[0])}` : whyOf(incident)}
        </a>
      </p>
      <div className="matter-do">
        {actions.map((action) => (
          <div key={action.id} className="row">
            <span className="wrap">{deedOf(action)}?</span>
            <Approval action={action} />
          </div>
        ))}
        {actions.length === 0 && incident !== undefined && <Acknowledge id={incident.id} />}
      </div>
    </li>
  )
}

function Acknowledge({ id }: { id: string }) {
  const { operate } = usePermissions()
  const done = useMutation<IncidentDetailJson, Error>({
    mutationFn: () => postJson(`incidents/${encodeURIComponent(id)}/acknowledge`),
  })
  return (
    <>
      <button
        type="button"
        className="button"
        disabled={!operate || done.isPending || done.isSuccess}
        title={operate ? 'Say that you look after it' : NEEDS_OPERATE}
        onClick={() => done.mutate()}
      >
        Acknowledge
      </button>
      <Outcome error={done.error} />
    </>
  )
}

function More({ count }: { count: number }) {
  if (count <= 0) return null
  return <a href={href('/incidents', { state: 'open' })}>and {formatCount(count)} more</a>
}

/** The focus goes to the page when what has it is done with and leaves: the keyboard would be lost. */
function useFocusKept() {
  const ref = useRef<HTMLLIElement>(null)
  useLayoutEffect(() => {
    const row = ref.current
    return () => {
      if (row?.contains(document.activeElement)) document.getElementById('main')?.focus({ preventScroll: true })
    }
  }, [])
  return ref
}

/** What is looked after already: to be seen, and not in the way. */
function GoOn({ matters }: { matters: readonly Matter[] }) {
  return (
    <ul className="matters-on">
      {matters.slice(0, MOST_GOING_ON).map(({ id, incident }) =>
        incident === undefined ? null : (
          <li key={id}>
            <LevelBadge level={incident.level} compact />
            <a data-row="" href={href(incidentPath(id))}>
              {instanceOf(incident.target)}
            </a>
            {incident.acknowledged_at === null ? (
              <StateBadge {...INCIDENT_LOOKS[incident.state]} />
            ) : (
              <span title={INCIDENT_LOOKS[incident.state].help}>acknowledged</span>
            )}
            <span className="muted matters-why">{whyOf(incident)}</span>
          </li>
        ),
      )}
      {matters.length > MOST_GOING_ON && (
        <li>
          <More count={matters.length - MOST_GOING_ON} />
        </li>
      )}
    </ul>
  )
}
