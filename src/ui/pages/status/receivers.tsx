import type { ReceiverJson } from '../../../api/contract.ts'
import { StatePanel } from '../../components/state-panel.tsx'
import { TimeText } from '../../components/time-text.tsx'
import { formatCount, words } from '../../format.ts'

/** Who is told, and whether it reached them. */
export function Receivers({ receivers }: { receivers: readonly ReceiverJson[] }) {
  return (
    <section className="stack" aria-label="Receivers">
      <h2>Receivers</h2>
      {receivers.length === 0 ? (
        <StatePanel state="empty" title="Nobody is told of anything">
          Name somebody in <code>notifications.receivers</code>.
        </StatePanel>
      ) : (
        <table className="table table-fold">
          <thead>
            <tr>
              <th scope="col">Receiver</th>
              <th scope="col">State</th>
              <th scope="col" className="cell-number">
                Waiting
              </th>
              <th scope="col">Sent last</th>
              <th scope="col">Failed last</th>
            </tr>
          </thead>
          <tbody>
            {receivers.map((receiver) => (
              <Receiver key={receiver.name} receiver={receiver} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

function Receiver({ receiver }: { receiver: ReceiverJson }) {
  const { name, kind, waiting, last_sent_at, last_failed_at, last_failure, ok } = receiver
  return (
    <tr>
      <th scope="row">
        <span className="wrap">{name}</span> <span className="muted">{kind}</span>
      </th>
      <td className={ok === false ? 'text-red' : undefined}>
        {ok === null ? '… nothing sent yet' : ok ? '✓ reached' : '✕ not reached'}
      </td>
      <td className="cell-number" data-label="waiting">
        {waiting === null ? '–' : formatCount(waiting)}
      </td>
      <td data-label="sent last">
        <TimeText at={last_sent_at} />
      </td>
      <td data-label="failed last">
        <TimeText at={last_failed_at} />
        {last_failure !== null && `: ${words(last_failure)}`}
      </td>
    </tr>
  )
}
