import type { ModelDetailJson } from '../../../api/contract.ts'
import { useGet } from '../../api/queries.ts'
import { href, targetPath } from '../../app/router.ts'
import { Shown } from '../../components/answer.tsx'
import { TimeText } from '../../components/time-text.tsx'
import { formatCount, formatDuration, formatNumber, plural } from '../../format.ts'
import { Contests } from './contests.tsx'
import { LossCurve } from './loss-curve.tsx'
import { Versions } from './versions.tsx'
import './models.css'

/** One model: what it was trained on, how its loss fell, its versions, and whom it had to beat. */
export function ModelDetail({ unit, onClose }: { unit: string; onClose: () => void }) {
  const model = useGet<ModelDetailJson>(`models/${encodeURIComponent(unit)}`)
  return (
    <section className="panel stack" aria-labelledby="model-name">
      <div className="page-head">
        <h2 id="model-name" className="wrap">
          {unit}
        </h2>
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </div>
      <Shown answer={model} what="the model">
        {(data) => (
          <div className="stack-wide">
            <div className="model-top">
              <Facts model={data} />
              <LossCurve losses={data.losses} />
            </div>
            <Contests contests={data.contests} />
            <Versions versions={data.versions} />
          </div>
        )}
      </Shown>
    </section>
  )
}

function Facts({ model }: { model: ModelDetailJson }) {
  const { data, threshold, imported_from } = model
  return (
    <dl className="facts">
      <dt>in use</dt>
      <dd>
        version {model.version}, trained <TimeText at={model.trained_at} show="both" />
      </dd>
      <dt>scores</dt>
      <dd>
        {model.scope === 'host' ? (
          <a href={href(targetPath(model.unit))}>{model.unit}</a>
        ) : (
          plural(model.targets, 'target')
        )}
      </dd>
      <dt>trained on</dt>
      <dd>
        {formatCount(data.rows)} rows, one every {formatDuration(data.step_seconds)}:{' '}
        <TimeText at={data.from} show="exact" /> to <TimeText at={data.to} show="exact" />
      </dd>
      <dt>layers</dt>
      <dd className="number">{model.layers.join(' → ')}</dd>
      <dt>threshold</dt>
      <dd>
        {threshold.mode}
        {threshold.rule !== null && `, ${threshold.rule}`}
        {threshold.value === null ? '' : `: ${formatNumber(threshold.value)}`}
      </dd>
      {imported_from !== null && (
        <>
          <dt>imported from</dt>
          <dd>{imported_from}</dd>
        </>
      )}
      <dt>features</dt>
      <dd>
        <details>
          <summary>{plural(model.features.length, 'feature')}</summary>
          {model.features.join(', ')}
        </details>
      </dd>
    </dl>
  )
}
