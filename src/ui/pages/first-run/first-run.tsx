import { useState } from 'react'
import type { StatusJson } from '../../../api/contract.ts'
import { useGet } from '../../api/queries.ts'
import { href } from '../../app/router.ts'
import { formatClock, formatDuration, plural } from '../../format.ts'
import { sourceSentence } from './words.ts'
import './first-run.css'

const SEEN = 'homeostat-first-run'

/** What is watched, what is warming up and until when, what to set up next: until it is put away, or all is in order. */
export function FirstRun() {
  const { data: status } = useGet<StatusJson>('status')
  const [isSeen, setSeen] = useState(wasSeen)
  if (status === undefined) return null
  const isNew = status.targets.total === 0 || status.warming_up.targets > 0
  if (!isNew && (isSeen || status.configuration.warnings.length === 0)) return null
  return (
    <section className="panel first-run" aria-label="First steps">
      <div>
        <h2>What is watched</h2>
        <ul className="first-run-list">
          {status.sources
            .filter(({ kind }) => kind !== 'alertmanager')
            .map((source) => (
              <li key={`${source.kind} ${source.url}`}>{sourceSentence(source)}</li>
            ))}
        </ul>
      </div>
      <div>
        <h2>What is learned</h2>
        <Learning status={status} />
      </div>
      {status.configuration.warnings.length > 0 && (
        <div>
          <h2>What to set up next</h2>
          <ul className="first-run-list">
            {status.configuration.warnings.map(({ code, path, message }) => (
              <li key={code}>
                <code>{path}</code>: {message}
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className="first-run-end">
        <a href={href('/status')}>Status</a>
        {!isNew && (
          <button
            type="button"
            className="button"
            onClick={() => {
              markSeen()
              setSeen(true)
            }}
          >
            Put this away
          </button>
        )}
      </div>
    </section>
  )
}

function Learning({ status }: { status: StatusJson }) {
  const { targets, warming_up, training } = status
  const without = targets.total - targets.with_model
  return (
    <ul className="first-run-list">
      {targets.total === 0 && <li>No target yet. Nothing is wrong: none has shown itself so far.</li>}
      {warming_up.targets > 0 && (
        <li>
          {plural(warming_up.targets, 'target')} of {targets.total} {warming_up.targets === 1 ? 'is' : 'are'} warming up
          {warming_up.until !== null && `: scores from ${formatClock(Date.parse(warming_up.until))}`}.
        </li>
      )}
      {without > 0 && (
        <li>
          {plural(without, 'target')} {without === 1 ? 'has' : 'have'} no trained model yet: one is trained after{' '}
          {formatDuration(training.min_history_seconds)} of readings. Until then the other detectors judge.
        </li>
      )}
      {targets.total > 0 && without === 0 && <li>Every target has a trained model.</li>}
    </ul>
  )
}

function wasSeen(): boolean {
  try {
    return localStorage.getItem(SEEN) !== null
  } catch {
    return false
  }
}

function markSeen(): void {
  try {
    localStorage.setItem(SEEN, 'seen')
  } catch {
    // It comes back with the next visit.
  }
}
