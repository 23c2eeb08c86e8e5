import type { StatusJson } from '../../../api/contract.ts'
import { useGet } from '../../api/queries.ts'
import { href } from '../../app/router.ts'
import { Shown } from '../../components/answer.tsx'
import { StatePanel } from '../../components/state-panel.tsx'
import { TimeText } from '../../components/time-text.tsx'
import { formatCount, formatDuration, plural } from '../../format.ts'
import { trainable } from '../first-run/learning.ts'
import { Configuration } from './configuration.tsx'
import { Receivers } from './receivers.tsx'
import { Sources } from './sources.tsx'

/** How Homeostat itself is. */
export function StatusPage() {
  const status = useGet<StatusJson>('status')
  return (
    <div className="stack">
      <h1>Status</h1>
      <Shown answer={status} what="the status">
        {(data) => (
          <div className="stack-wide">
            <Facts status={data} />
            <Sources sources={data.sources} />
            {data.permissions.whole_fleet ? (
              <>
                <Receivers receivers={data.receivers} />
                <Configuration configuration={data.configuration} mayReload={data.permissions.reload} />
              </>
            ) : (
              <StatePanel state="not_allowed" title="Receivers and configuration are for who sees the whole fleet" />
            )}
          </div>
        )}
      </Shown>
    </div>
  )
}

function Facts({ status }: { status: StatusJson }) {
  const { cycle, targets, warming_up, training, actions } = status
  return (
    <dl className="facts">
      <dt>version</dt>
      <dd>{status.version}</dd>
      <dt>running since</dt>
      <dd>
        <TimeText at={status.started_at} show="both" />
      </dd>
      <dt>newest cycle</dt>
      <dd>
        <TimeText at={cycle.at} missing="none yet" />
        {cycle.seconds !== null && `, took ${formatDuration(cycle.seconds)}`}, one every{' '}
        {formatDuration(status.interval_seconds)}
        {cycle.failures > 0 && (
          <strong className="text-red"> · the newest {cycle.failures > 1 ? `${cycle.failures} ` : ''}failed</strong>
        )}
      </dd>
      <dt>targets</dt>
      <dd>
        {formatCount(targets.total)}: {formatCount(targets.fresh)} with new data, {formatCount(targets.detected)} with
        an anomaly, {formatCount(targets.warming_up)} warming up, {formatCount(targets.stale)} without data
      </dd>
      {warming_up.targets > 0 && (
        <>
          <dt>warming up</dt>
          <dd>
            {plural(warming_up.targets, 'target')}, the last of them until{' '}
            <TimeText at={warming_up.until} show="both" missing="nobody can say" />
          </dd>
        </>
      )}
      <dt>models</dt>
      <dd>
        {formatCount(targets.with_model)} of {plural(trainable(status), 'target')} scored by a trained{' '}
        <a href={href('/models')}>model</a>; first trained with {formatDuration(training.min_history_seconds)} of
        history, anew every {formatDuration(training.interval_seconds)}
      </dd>
      <dt>incidents</dt>
      <dd>
        <a href={href('/incidents')}>{formatCount(status.incidents.open)} open</a>
      </dd>
      <dt>actions</dt>
      <dd>
        <a href={href('/actions')}>
          {formatCount(actions.waiting)} waiting for a person, {formatCount(actions.under_way)} under way
        </a>
        {status.freeze.frozen && <strong className="text-amber"> · frozen</strong>}
      </dd>
    </dl>
  )
}
