import { useMemo } from 'react'
import type { TargetDetailJson } from '../../../api/contract.ts'
import { useGet } from '../../api/queries.ts'
import { useParam, useRoute } from '../../app/router.ts'
import { Refusal, Shown } from '../../components/answer.tsx'
import { instanceOf } from '../../components/deed.ts'
import { LevelBadge } from '../../components/level-badge.tsx'
import { StatePanel } from '../../components/state-panel.tsx'
import { TimeText } from '../../components/time-text.tsx'
import { useNow } from '../../components/use-now.ts'
import { whoOf } from '../../components/who.ts'
import { AllFeatures } from './all-features.tsx'
import { Detectors } from './detectors.tsx'
import { evidenceOf } from './evidence.ts'
import { FeatureCharts } from './feature-charts.tsx'
import { type Picture, pictureOf } from './picture.ts'
import { RangePicker } from './range-picker.tsx'
import { SideColumn } from './side-column.tsx'
import { Speaking, speakingOf } from './speaking.tsx'
import { TargetIncident } from './target-incident.tsx'
import { useHappenings } from './use-happenings.ts'
import { useScores } from './use-scores.ts'
import { WhatHappened } from './what-happened.tsx'
import './target-page.css'

/** The API tells no more of them at once. */
const MOST_ASKED = 50

/** One target: what is the matter, how it went, why, and what can be done. */
export function TargetPage({ id }: { readonly id: string }) {
  const answer = useGet<TargetDetailJson>(`targets/${encodeURIComponent(id)}`)
  return (
    <>
      {answer.data === undefined && <h1 className="wrap">{id}</h1>}
      <Shown answer={answer} what={`the target ${id}`}>
        {(target) => <Target target={target} />}
      </Shown>
    </>
  )
}

function Target({ target }: { readonly target: TargetDetailJson }) {
  const { params } = useRoute()
  const [chosen] = useParam('features')
  const speaking = speakingOf(target)
  const opened = chosen.split(',').filter((name) => name !== '')
  // In an order that does not change with their shares, or all would be asked again.
  const asked = [...new Set([...speaking.map(({ name }) => name), ...opened])].slice(0, MOST_ASKED).sort()
  const scores = useScores(target.id, params, asked)
  const picture = useMemo(() => scores.data && pictureOf(scores.data), [scores.data])

  const happenings = useHappenings(target.id, picture)

  return (
    <div className="stack-wide">
      <Head target={target} picture={picture} />
      {target.incident !== null && <TargetIncident incident={target.incident} />}
      <div className="target-columns">
        <div className="stack-wide target-main">
          {picture === undefined && scores.error !== null && (
            <Refusal error={scores.error} what="the charts" onRetry={() => void scores.refetch()} />
          )}
          {picture === undefined && scores.error === null && <StatePanel state="loading" title="Loading the charts" />}
          <Problems problems={scores.data?.problems ?? []} />
          {picture !== undefined && (
            <WhatHappened target={target} picture={picture} source={scores.data?.source} happenings={happenings} />
          )}
          <Speaking target={target} features={speaking} picture={picture} opened={opened} />
          {picture !== undefined && (
            <FeatureCharts names={opened} picture={picture} features={target.features} marks={happenings.marks} />
          )}
          <Detectors target={target} picture={picture} />
          <AllFeatures features={target.features} opened={opened} />
        </div>
        <SideColumn target={target} />
      </div>
    </div>
  )
}

/** What could not be read of the past, in the words of who tried. */
function Problems({ problems }: { readonly problems: readonly string[] }) {
  if (problems.length === 0) return null
  return (
    <StatePanel state="stale" title="Not all of this time could be read">
      {problems.join('; ')}
    </StatePanel>
  )
}

function Head({ target, picture }: { readonly target: TargetDetailJson; readonly picture: Picture | undefined }) {
  const now = useNow()
  const { id, level, state, updated_at, silenced } = target
  const name = instanceOf(id)
  const strongest = picture?.features.get(target.features[0]?.name ?? '')
  const past = picture && strongest && { series: strongest.series, spans: picture.spans }
  return (
    <header className="stack">
      <div className="page-head">
        <h1 className="wrap">
          {name}
          <span className="muted">{id.slice(name.length)}</span>
        </h1>
        <RangePicker />
      </div>
      <p className="evidence-sentence">
        {state === 'fresh' && <LevelBadge level={level} />} {evidenceOf(target, past, now)}
      </p>
      {silenced !== null && (
        <p>
          <span aria-hidden="true">◌ </span>Silenced by {whoOf(silenced.by)}, ends <TimeText at={silenced.until} />
          {silenced.text !== '' && `: ${silenced.text}`}
        </p>
      )}
      {state === 'stale' && (
        <StatePanel state="stale" title="No data of this target">
          It has no score while nothing is heard of it, and nothing is done about it. What is shown is what was known
          last (
          <TimeText at={updated_at} show="both" missing="never" />
          ). Look whether it runs, and whether the source still sees it.
        </StatePanel>
      )}
    </header>
  )
}
