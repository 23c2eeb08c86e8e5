import { useState } from 'react'
import type { StatusJson } from '../../../api/contract.ts'
import { useGet } from '../../api/queries.ts'
import { href } from '../../app/router.ts'
import { learningLines } from './learning.ts'
import { sourceSentence } from './words.ts'
import './first-run.css'

const SEEN = 'homeostat-first-run'

/** What is watched, what is warming up and until when, what to set up next: until it is put away, or all is in order. */
export function FirstRun() {
  const { data: status } = useGet<StatusJson>('status')
  const [isSeen, setSeen] = useState(wasSeen)
  if (status === undefined) return null
  const { targets, warming_up, configuration } = status
  // A few that have joined a fleet are no first run.
  const isNew = targets.total === 0 || warming_up.targets > targets.total / 2
  if (!isNew && (isSeen || configuration.warnings.length === 0)) return null
  return (
    <section className="panel first-run" aria-label="First steps">
      {isNew && (
        <>
          <Watched sources={status.sources} />
          <Learning status={status} />
        </>
      )}
      <Next warnings={configuration.warnings} />
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

function Watched({ sources }: Pick<StatusJson, 'sources'>) {
  const watched = sources.filter(({ kind }) => kind !== 'alertmanager')
  return (
    <div>
      <h2>What is watched</h2>
      <ul className="first-run-list">
        {watched.map((source) => (
          <li key={`${source.kind} ${source.url}`}>{sourceSentence(source)}</li>
        ))}
      </ul>
    </div>
  )
}

function Next({ warnings }: { warnings: StatusJson['configuration']['warnings'] }) {
  if (warnings.length === 0) return null
  return (
    <div>
      <h2>What to set up next</h2>
      <ul className="first-run-list">
        {warnings.map(({ code, path, message }) => (
          <li key={code}>
            <code>{path}</code>: {message}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Learning({ status }: { status: StatusJson }) {
  return (
    <div>
      <h2>What is learned</h2>
      <ul className="first-run-list">
        {learningLines(status).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
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
