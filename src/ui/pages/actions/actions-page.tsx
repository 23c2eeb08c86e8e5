import type { ActionJson, Page } from '../../../api/contract.ts'
import { useGet } from '../../api/queries.ts'
import { setParams, useRoute } from '../../app/router.ts'
import { Refusal } from '../../components/answer.tsx'
import { ShowOlder } from '../../components/show-older.tsx'
import { StatePanel } from '../../components/state-panel.tsx'
import { ACTION_LOOKS } from '../../components/states.ts'
import { itemsOf, listPath, usePages } from '../../components/use-pages.ts'
import { ActionPanel } from './action-panel.tsx'
import { ActionTable } from './action-table.tsx'
import { Waiting } from './waiting.tsx'

const WAITING = 'actions?state=AWAITING_APPROVAL&limit=200'

/** What is waiting for me, and the ledger of all that was done or was not. */
export function ActionsPage() {
  const { params } = useRoute()
  const { state, target, id } = params
  const waiting = useGet<Page<ActionJson>>(WAITING).data?.items ?? []

  return (
    <div className="stack-wide">
      <h1>Actions</h1>
      {id !== undefined && <ActionPanel key={id} id={id} />}
      {waiting.length > 0 && <Waiting actions={waiting} />}
      <Ledger state={state} target={target} />
    </div>
  )
}

interface LedgerProps {
  readonly state: string | undefined
  readonly target: string | undefined
}

function Ledger({ state, target }: LedgerProps) {
  const pages = usePages<ActionJson>(listPath('actions', { limit: '50', state, target }))
  const actions = itemsOf(pages)
  return (
    <section className="stack" aria-label="Ledger">
      <div className="page-head">
        <h2>Ledger</h2>
        <Filters state={state} target={target} />
      </div>
      {pages.data !== undefined && actions.length > 0 && <ActionTable actions={actions} />}
      {pages.data !== undefined && actions.length === 0 && <Nothing isFiltered={(state ?? target) !== undefined} />}
      {pages.data === undefined && pages.error === null && <StatePanel state="loading" title="Loading actions" />}
      {pages.data === undefined && pages.error !== null && (
        <Refusal error={pages.error} what="the ledger" onRetry={() => void pages.refetch()} />
      )}
      <ShowOlder pages={pages} what="actions" />
    </section>
  )
}

function Filters({ state = '', target }: LedgerProps) {
  return (
    <div className="row">
      <label className="row">
        <span className="muted">state</span>
        <select
          className="select"
          value={state}
          onChange={(event) => setParams({ state: event.target.value || undefined })}
        >
          <option value="">all</option>
          <option value="open">not settled yet</option>
          {Object.entries(ACTION_LOOKS).map(([each, { words }]) => (
            <option key={each} value={each}>
              {words}
            </option>
          ))}
        </select>
      </label>
      {target !== undefined && (
        <button type="button" className="button" onClick={() => setParams({ target: undefined })}>
          only <strong className="wrap">{target}</strong> <span aria-hidden="true">✕</span>
          <span className="sr-only">: show all targets</span>
        </button>
      )}
    </div>
  )
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) return <StatePanel state="empty" title="None of the actions are like this." />
  return (
    <StatePanel state="empty" title="Nothing has been done, and nothing had to be.">
      What a rule would do, does or may not do stands here, with the reason. Rules begin in the mode that the
      configuration gives them; in <code>observe</code> they only write down what they would have done.
    </StatePanel>
  )
}
