import type { ContestJson } from '../../../api/contract.ts'
import { StatePanel } from '../../components/state-panel.tsx'
import { TimeText } from '../../components/time-text.tsx'
import { formatCount, formatNumber } from '../../format.ts'

const BY: Readonly<Record<ContestJson['by'], string>> = {
  schedule: 'by schedule',
  train: 'homeostat train',
  import: 'homeostat model import',
  rollback: 'homeostat model rollback',
}

/** Each new model must beat the one in force, on rows that neither was trained on. */
export function Contests({ contests }: { contests: readonly ContestJson[] }) {
  return (
    <div className="stack">
      <h3>Champion and challenger</h3>
      {contests.length === 0 ? (
        <StatePanel state="empty" title="The first of its kind: it had nobody to beat" />
      ) : (
        <table className="table table-fold">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Outcome</th>
              <th scope="col" className="cell-number">
                Champion’s loss
              </th>
              <th scope="col" className="cell-number">
                Challenger’s loss
              </th>
              <th scope="col" className="cell-number">
                Rows
              </th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {contests.map((contest) => (
              <tr key={`${contest.at} ${contest.champion}`}>
                <td>
                  <TimeText at={contest.at} show="both" />
                </td>
                <td>{contest.taken_over ? 'the challenger took over' : 'the champion stayed'}</td>
                <td className="cell-number" data-label="champion">
                  {formatNumber(contest.champion_loss)}
                </td>
                <td className="cell-number" data-label="challenger">
                  {formatNumber(contest.challenger_loss)}
                </td>
                <td className="cell-number" data-label="rows">
                  {contest.champion_loss === null ? '–' : formatCount(contest.rows)}
                </td>
                <td className="wrap">
                  {BY[contest.by]}
                  {contest.reason !== null && `: ${contest.reason}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}
