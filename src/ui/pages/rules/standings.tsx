import type { StandingJson } from '../../../api/contract.ts'
import { TimeText } from '../../components/time-text.tsx'
import { plural } from '../../format.ts'

/** What a rule may do by now in each group, and what it has shown to be right about there. */
export function Standings({ rule, standings }: { rule: string; standings: readonly StandingJson[] }) {
  return (
    <details>
      <summary>
        {plural(standings.length, 'group')}: {modesText(standings)}
      </summary>
      <table className="table standings">
        <caption className="sr-only">What {rule} may do, by group</caption>
        <thead>
          <tr>
            <th scope="col">Group</th>
            <th scope="col">Mode</th>
            <th scope="col" className="cell-number">
              Right
            </th>
            <th scope="col" className="cell-number">
              Wrong
            </th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {standings.map(({ group, mode, right, wrong, since }) => (
            <tr key={group}>
              <th scope="row" className="wrap">
                {group}
              </th>
              <td>{mode}</td>
              <td className="cell-number">{right}</td>
              <td className="cell-number">{wrong}</td>
              <td>
                <TimeText at={since} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

/** `2 auto, 1 observe`. */
function modesText(standings: readonly StandingJson[]): string {
  const modes = [...new Set(standings.map(({ mode }) => mode))]
  return modes.map((mode) => `${standings.filter((standing) => standing.mode === mode).length} ${mode}`).join(', ')
}
