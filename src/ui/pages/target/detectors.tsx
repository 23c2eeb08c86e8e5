import type { TargetDetailJson } from '../../../api/contract.ts'
import { Sparkline } from '../../charts/sparkline.tsx'
import { ShareBar } from '../../components/share-bar.tsx'
import type { Picture } from './picture.ts'

const HELP: Readonly<Record<string, string>> = {
  zscore: 'against the last readings',
  isolation_forest: 'how easily it is told from others',
  autoencoder: 'how well a model of its normal days rebuilds it',
  forecast: 'against what the model expected next',
  baseline: 'against the time of day and week',
}

/** What each detector says, 0–1, side by side. */
export function Detectors({
  target,
  picture,
}: {
  readonly target: TargetDetailJson
  readonly picture: Picture | undefined
}) {
  const missing = target.state === 'stale' ? 'no data' : 'not warmed up'
  return (
    <section className="stack" aria-label="Detectors">
      <h2>Detectors side by side</h2>
      <div className="table-frame">
        <table className="table table-fold">
          <thead>
            <tr>
              <th scope="col">detector</th>
              <th scope="col">score</th>
              <th scope="col">in this time</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(target.detectors).map(([name, score]) => (
              <tr key={name}>
                <th scope="row">
                  {name} <span className="muted">{HELP[name]}</span>
                </th>
                <td>{score === null ? <span className="muted">{missing}</span> : <ShareBar share={score} />}</td>
                <td>
                  {picture !== undefined && (
                    <Sparkline samples={picture.detectors.get(name) ?? []} range={picture.range} extent={[0, 1]} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
