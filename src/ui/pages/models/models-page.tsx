import type { ModelListingJson, StatusJson } from '../../../api/contract.ts'
import { useGet } from '../../api/queries.ts'
import { href, useParam } from '../../app/router.ts'
import { Refusal } from '../../components/answer.tsx'
import { ShowOlder } from '../../components/show-older.tsx'
import { StatePanel } from '../../components/state-panel.tsx'
import { TimeText } from '../../components/time-text.tsx'
import { itemsOf, usePages } from '../../components/use-pages.ts'
import { formatCount, formatDuration, formatNumber } from '../../format.ts'
import { learningLines, trainable } from '../first-run/learning.ts'
import { ModelDetail } from './model-detail.tsx'

/** The trained models in use; one of them closer. */
export function ModelsPage() {
  const [unit, setUnit] = useParam('unit')
  const pages = usePages<ModelListingJson>('models?limit=100')
  const models = itemsOf(pages)
  return (
    <div className="stack-wide">
      <h1>Models</h1>
      {unit !== '' && <ModelDetail key={unit} unit={unit} onClose={() => setUnit(undefined)} />}
      <section className="stack" aria-label="Models in use">
        {pages.data === undefined && pages.error === null && <StatePanel state="loading" title="Loading the models" />}
        {pages.data === undefined && pages.error !== null && (
          <Refusal error={pages.error} what="the models" onRetry={() => void pages.refetch()} />
        )}
        {pages.data !== undefined && models.length === 0 && <None />}
        {models.length > 0 && <ModelTable models={models} unit={unit} />}
        <ShowOlder pages={pages} what="models" />
      </section>
    </div>
  )
}

function None() {
  const { data: status } = useGet<StatusJson>('status')
  return (
    <StatePanel
      state={status === undefined || trainable(status) > 0 ? 'warming_up' : 'empty'}
      title="No model is in use"
    >
      {status !== undefined && learningLines(status).join(' ')}
    </StatePanel>
  )
}

function ModelTable({ models, unit }: { models: readonly ModelListingJson[]; unit: string }) {
  return (
    <table className="table table-fold">
      <thead>
        <tr>
          <th scope="col">For</th>
          <th scope="col" className="cell-number">
            Version
          </th>
          <th scope="col">Trained</th>
          <th scope="col" className="cell-number">
            History
          </th>
          <th scope="col" className="cell-number">
            Loss in training
          </th>
          <th scope="col" className="cell-number">
            in validation
          </th>
          <th scope="col" className="cell-number">
            Targets
          </th>
        </tr>
      </thead>
      <tbody>
        {models.map((model) => (
          <tr key={model.id}>
            <th scope="row">
              <a
                data-row=""
                className="wrap"
                href={href('/models', { unit: model.unit })}
                aria-current={model.unit === unit ? 'true' : undefined}
              >
                {model.unit}
              </a>
            </th>
            <td className="cell-number" data-label="version">
              {model.version}
            </td>
            <td data-label="trained">
              <TimeText at={model.trained_at} />
            </td>
            <td className="cell-number" data-label="history">
              {formatDuration(model.history_seconds)}
            </td>
            <td className="cell-number" data-label="loss in training">
              {formatNumber(model.training_loss)}
            </td>
            <td className="cell-number" data-label="in validation">
              {formatNumber(model.validation_loss)}
            </td>
            <td className="cell-number" data-label="targets">
              {formatCount(model.targets)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
