import { useMemo } from 'react'
import type { TargetDetailJson, TargetScoresJson } from '../../../api/contract.ts'
import { href, incidentPath } from '../../app/router.ts'
import { Chart } from '../../charts/chart.tsx'
import { deedOf } from '../../components/deed.ts'
import { StateBadge } from '../../components/state-badge.tsx'
import { StatePanel } from '../../components/state-panel.tsx'
import { ACTION_LOOKS, INCIDENT_LOOKS } from '../../components/states.ts'
import { TimeText } from '../../components/time-text.tsx'
import { formatNumber, words } from '../../format.ts'
import { THRESHOLD } from '../../level.ts'
import { axisOf } from './chart-axis.ts'
import type { Happening } from './marks.ts'
import type { Picture } from './picture.ts'
import type { Happenings } from './use-happenings.ts'

interface WhatHappenedProps {
  readonly target: TargetDetailJson
  readonly picture: Picture
  readonly source: TargetScoresJson['source'] | undefined
  readonly happenings: Happenings
}

const SHOWN = 8

/** The level against its threshold, with incidents and actions on the same axis, and the same in words. */
export function WhatHappened({ target, picture, source, happenings }: WhatHappenedProps) {
  const { id } = target
  const { all } = happenings
  const lines = useMemo(() => [{ label: 'level', look: 'main' as const, samples: picture.level }], [picture.level])
  const isEmpty = picture.level.every(({ value }) => value === null)

  return (
    <section className="stack" aria-label="Level">
      {isEmpty ? (
        <NoScores target={target} source={source} />
      ) : (
        <Chart
          {...axisOf(picture)}
          title="Level, in units of the threshold"
          lines={lines}
          marks={happenings.marks}
          threshold={THRESHOLD}
          format={formatNumber}
          height={200}
        />
      )}
      {all.length > 0 && (
        <ul className="happenings">
          {all.slice(0, SHOWN).map((happening) => (
            <li key={`${happening.kind} ${'incident' in happening ? happening.incident.id : happening.action.id}`}>
              <Row happening={happening} />
            </li>
          ))}
        </ul>
      )}
      <p className="row">
        {all.length > SHOWN && <span className="muted">{all.length - SHOWN} more in this time.</span>}
        <a href={href('/incidents', { target: id })}>All incidents</a>
        <a href={href('/actions', { target: id })}>All actions</a>
      </p>
    </section>
  )
}

function Row({ happening }: { readonly happening: Happening }) {
  if (happening.kind === 'incident') {
    const { id, cause, state, opened_at } = happening.incident
    return (
      <>
        <TimeText at={opened_at} show="exact" />
        <span className="tone-amber" aria-hidden="true">
          ▲
        </span>
        <a href={href(incidentPath(id))}>incident: {cause === null ? 'not diagnosed yet' : words(cause)}</a>
        <StateBadge {...INCIDENT_LOOKS[state]} />
      </>
    )
  }
  const { id, state, reason, started_at, created_at } = happening.action
  return (
    <>
      <TimeText at={started_at ?? created_at} show="exact" />
      <span aria-hidden="true">■</span>
      <a href={href('/actions', { id })}>{deedOf(happening.action)}</a>
      <StateBadge {...ACTION_LOOKS[state]} />
      <span className="muted wrap">{reason}</span>
    </>
  )
}

function NoScores({ target, source }: Pick<WhatHappenedProps, 'target' | 'source'>) {
  if (target.state === 'warming_up') {
    return (
      <StatePanel state="warming_up" title="No scores yet">
        The detectors need some readings before they can judge; then the level is charted here.
      </StatePanel>
    )
  }
  return (
    <StatePanel state="empty" title="No scores of this time">
      {source === 'memory' || source === 'none'
        ? 'Scores are kept in memory for an hour. For older ones let Prometheus scrape /metrics of Homeostat, and be its source.'
        : 'Neither memory nor Prometheus has any.'}
    </StatePanel>
  )
}
