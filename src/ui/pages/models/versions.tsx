import type { ModelVersionJson } from '../../../api/contract.ts'
import { TimeText } from '../../components/time-text.tsx'
import { formatCount, formatNumber } from '../../format.ts'

/** What is kept on disk, to go back to: `homeostat model rollback`. */
export function Versions({ versions }: { versions: readonly ModelVersionJson[] }) {
  if (versions.length === 0) return null
  return (
    <div className="stack">
      <h3>Versions</h3>
      <table className="table table-fold">
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">Trained</th>
            <th scope="col" className="cell-number">
              Rows
            </th>
            <th scope="col" className="cell-number">
              Loss in training
            </th>
            <th scope="col" className="cell-number">
              in validation
            </th>
            <th scope="col">Notes</th>
          </tr>
        </thead>
        <tbody>
          {versions.map((version) => (
            <tr key={version.version}>
              <th scope="row" className="number">
                {version.version}
              </th>
              <td data-label="trained">
                <TimeText at={version.trained_at} />
              </td>
              <td className="cell-number" data-label="rows">
                {version.rows === null ? '–' : formatCount(version.rows)}
              </td>
              <td className="cell-number" data-label="loss in training">
                {formatNumber(version.training_loss)}
              </td>
              <td className="cell-number" data-label="in validation">
                {formatNumber(version.validation_loss)}
              </td>
              <td className="wrap">{notesOf(version)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function notesOf({ in_use, restored_from, problem }: ModelVersionJson): string {
  const notes = [
    in_use ? 'in use' : undefined,
    restored_from === null ? undefined : `a copy of ${restored_from}`,
    problem === null ? undefined : `cannot be read: ${problem}`,
  ]
  return notes.filter((note) => note !== undefined).join('; ')
}
