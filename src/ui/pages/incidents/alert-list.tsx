import type { AlertJson } from '../../../api/contract.ts'
import { TimeText } from '../../components/time-text.tsx'

/** The alerts of others that are part of an incident. */
export function AlertList({ alerts }: { readonly alerts: readonly AlertJson[] }) {
  return (
    <section className="stack" aria-label="Alerts">
      <h2>Alerts</h2>
      <ul className="stack">
        {alerts.map((alert) => (
          <li key={`${alert.source} ${alert.fingerprint} ${alert.starts_at}`}>
            <Alert {...alert} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Alert({ source, name, status, summary, labels, starts_at, ends_at }: AlertJson) {
  return (
    <>
      <div className="row">
        <strong className="wrap">{name}</strong>
        <span className={status === 'firing' ? 'tone-amber' : 'muted'}>
          <span aria-hidden="true">{status === 'firing' ? '▲' : '✓'}</span> {status}
        </span>
        <span className="muted">
          {source}, <TimeText at={status === 'firing' ? starts_at : (ends_at ?? starts_at)} />
        </span>
      </div>
      {summary !== '' && <div className="wrap">{summary}</div>}
      <details>
        <summary className="muted">labels</summary>
        <code>
          {Object.entries(labels)
            .map(([label, value]) => `${label}="${value}"`)
            .join(', ')}
        </code>
      </details>
    </>
  )
}
