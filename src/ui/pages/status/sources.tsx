import type { SourceJson } from '../../../api/contract.ts'
import { formatCount, formatDuration } from '../../format.ts'

const STATES = { up: ['✓', 'answers'], down: ['✕', 'does not answer'], unknown: ['…', 'not asked yet'] } as const

/** Where data come from, and how old they are. */
export function Sources({ sources }: { sources: readonly SourceJson[] }) {
  return (
    <section className="stack" aria-label="Sources">
      <h2>Sources</h2>
      <table className="table table-fold">
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">State</th>
            <th scope="col" className="cell-number">
              Newest data
            </th>
            <th scope="col" className="cell-number">
              Targets
            </th>
            <th scope="col">Problems</th>
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <tr key={`${source.kind} ${source.url}`}>
              <th scope="row">
                {source.kind}
                {source.url !== null && <div className="muted wrap">{source.url}</div>}
              </th>
              <td className={source.state === 'down' ? 'text-red' : undefined}>
                <span aria-hidden="true">{STATES[source.state][0]}</span> {STATES[source.state][1]}
              </td>
              <td className="cell-number" data-label="newest data">
                {source.data_age_seconds === null ? '–' : `${formatDuration(source.data_age_seconds)} old`}
              </td>
              <td className="cell-number" data-label="targets">
                {source.targets === null ? '–' : formatCount(source.targets)}
              </td>
              <td className="wrap">
                <ul>
                  {source.problems.map((problem) => (
                    <li key={problem}>{problem}</li>
                  ))}
                </ul>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
