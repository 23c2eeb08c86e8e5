import type { ConfigProblemJson, ConfigurationJson } from '../../../api/contract.ts'
import { TimeText } from '../../components/time-text.tsx'
import { Reload } from './reload.tsx'

/** What is configured, what is wrong with it, and what should perhaps be otherwise. */
export function Configuration({ configuration, mayReload }: { configuration: ConfigurationJson; mayReload: boolean }) {
  const { file, loaded_at, reload, warnings } = configuration
  return (
    <section className="stack" aria-label="Configuration">
      <div className="page-head">
        <h2>Configuration</h2>
        <Reload mayReload={mayReload} />
      </div>
      <dl className="facts">
        <dt>file</dt>
        <dd>{file ?? 'none: the built-in defaults hold'}</dd>
        <dt>in force since</dt>
        <dd>
          <TimeText at={loaded_at} show="both" />
        </dd>
        {reload !== null && (
          <>
            <dt>newest reload</dt>
            <dd>
              <TimeText at={reload.at} show="both" />:{' '}
              {reload.ok ? 'taken' : <strong className="text-red">refused</strong>}
            </dd>
          </>
        )}
      </dl>
      {reload !== null && !reload.ok && <Problems problems={reload.problems} />}
      {warnings.length > 0 && (
        <div className="stack">
          <h3>What to set up, or to look at again</h3>
          <ul className="stack">
            {warnings.map(({ code, path, message }) => (
              <li key={code} className="wrap">
                <code>{path}</code>: {message}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  )
}

function Problems({ problems }: { problems: readonly ConfigProblemJson[] }) {
  return (
    <ul className="stack">
      {problems.map(({ where, path, message, hint }) => (
        <li key={`${where} ${path} ${message}`} className="wrap text-red">
          <code>
            {where} {path}
          </code>
          : {message}
          {hint !== undefined && <span className="muted"> ({hint})</span>}
        </li>
      ))}
    </ul>
  )
}
