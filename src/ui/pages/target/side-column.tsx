import { Fragment } from 'react'
import type { TargetDetailJson } from '../../../api/contract.ts'
import { href } from '../../app/router.ts'
import { Silence } from '../../components/silence.tsx'
import { TimeText } from '../../components/time-text.tsx'
import { formatNumber } from '../../format.ts'
import { Forecast } from './forecast.tsx'
import { ManualAction } from './manual-action.tsx'
import { MarkChange } from './mark-change.tsx'

/** What can be done, and what the page knows besides. */
export function SideColumn({ target }: { readonly target: TargetDetailJson }) {
  const { id, incident } = target
  return (
    <aside className="stack-wide side-column" aria-label="About this target">
      <Forecast target={target} />
      <section className="stack" aria-label="What you can do">
        <h2>What you can do</h2>
        <details>
          <summary>Act on it</summary>
          <ManualAction target={id} />
        </details>
        <details>
          <summary>Silence</summary>
          {incident === null ? (
            <p className="muted">
              Nothing goes on that could be silenced. To be left alone in a time to come, mark a change.
            </p>
          ) : (
            <Silence incidentId={incident.id} target={id} />
          )}
        </details>
        <details>
          <summary>Mark a change</summary>
          <MarkChange target={id} />
        </details>
      </section>
      <Model target={target} />
      <Labels target={target} />
    </aside>
  )
}

/** The end of a model's id, which names its unit and its version. */
const VERSION = /\/\d+$/

function Model({ target: { labels, model, drift, alarms_per_day } }: { readonly target: TargetDetailJson }) {
  const isPushed = labels['job'] === 'push'
  return (
    <section className="stack" aria-label="Model">
      <h2>Model</h2>
      {model === null ? (
        <p className="muted">
          {isPushed
            ? 'Services that push have none: detectors that need no training judge them.'
            : 'There is none yet: detectors that need no training judge it. One is trained when there is enough history.'}
        </p>
      ) : (
        <dl className="facts">
          <dt>in use</dt>
          <dd>
            <a href={href('/models', { unit: model.id.replace(VERSION, '') })}>{model.id}</a>
          </dd>
          <dt>scope</dt>
          <dd>{model.scope === 'host' ? 'this target alone' : 'its group'}</dd>
          <dt>trained</dt>
          <dd>
            <TimeText at={model.trained_at} />
          </dd>
          <dt>drift</dt>
          <dd title="How far the inputs have moved since training, in deviations">{formatNumber(drift)} of 8</dd>
        </dl>
      )}
      <p className="muted">False alarms allowed for: {formatNumber(alarms_per_day)} a day.</p>
    </section>
  )
}

function Labels({ target: { labels, updated_at } }: { readonly target: TargetDetailJson }) {
  return (
    <section className="stack" aria-label="Labels">
      <h2>Labels</h2>
      <dl className="facts">
        {Object.entries(labels).map(([label, value]) => (
          <Fragment key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
        <dt>last reading</dt>
        <dd>
          <TimeText at={updated_at} missing="none yet" />
        </dd>
      </dl>
    </section>
  )
}
