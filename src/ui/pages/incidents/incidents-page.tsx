import type { IncidentJson } from '../../../api/contract.ts'
import { setParams, useRoute } from '../../app/router.ts'
import { Refusal } from '../../components/answer.tsx'
import { ShowOlder } from '../../components/show-older.tsx'
import { StatePanel } from '../../components/state-panel.tsx'
import { INCIDENT_LOOKS, OPEN_INCIDENTS } from '../../components/states.ts'
import { itemsOf, listPath, type Pages, usePages } from '../../components/use-pages.ts'
import { capital } from '../../format.ts'
import { IncidentTable } from './incident-table.tsx'

const PAGE = '50'
/** As the API groups them: `open` is all that goes on, `closed` all that is over. */
const CHOICES = ['open', ...OPEN_INCIDENTS, 'closed', 'recovered'] as const

/** All incidents: those that go on first, then what is over, newest first. */
export function IncidentsPage() {
  const { params } = useRoute()
  const { state = '', target } = params

  return (
    <div className="stack-wide">
      <div className="page-head">
        <h1>Incidents</h1>
        <StateFilter state={state} />
        {target !== undefined && <TargetFilter target={target} />}
      </div>
      {state === '' ? (
        <>
          <Part title="Open" state="open" target={target} none="Nothing is open. All is calm." />
          <Part title="Over" state="closed" target={target} none="No incident has ended yet." />
        </>
      ) : (
        <Part title={capital(wordsOf(state))} state={state} target={target} none="None in this state." />
      )}
    </div>
  )
}

interface PartProps {
  readonly title: string
  readonly state: string
  readonly target: string | undefined
  /** What is said where there is none. */
  readonly none: string
}

function Part({ title, state, target, none }: PartProps) {
  const pages = usePages<IncidentJson>(listPath('incidents', { limit: PAGE, state, target }))
  return (
    <section className="stack" aria-label={title}>
      <h2>{title}</h2>
      <List pages={pages} none={none} />
    </section>
  )
}

function List({ pages, none }: { readonly pages: Pages<IncidentJson>; readonly none: string }) {
  const incidents = itemsOf(pages)
  if (pages.data === undefined) {
    if (pages.error === null) return <StatePanel state="loading" title="Loading incidents" />
    return <Refusal error={pages.error} what="the incidents" onRetry={() => void pages.refetch()} />
  }
  if (incidents.length === 0) return <StatePanel state="empty" title={none} />
  return (
    <>
      <IncidentTable incidents={incidents} />
      <ShowOlder pages={pages} what="incidents" />
    </>
  )
}

function StateFilter({ state }: { readonly state: string }) {
  return (
    <label className="row">
      <span className="muted">state</span>
      <select
        className="select"
        value={state}
        onChange={(event) => setParams({ state: event.target.value || undefined })}
      >
        <option value="">all, open first</option>
        {CHOICES.map((each) => (
          <option key={each} value={each}>
            {wordsOf(each)}
          </option>
        ))}
      </select>
    </label>
  )
}

function TargetFilter({ target }: { readonly target: string }) {
  return (
    <button type="button" className="button" onClick={() => setParams({ target: undefined })}>
      only <strong className="wrap">{target}</strong> <span aria-hidden="true">✕</span>
      <span className="sr-only">: show all targets</span>
    </button>
  )
}

function wordsOf(state: string): string {
  if (state === 'open') return 'going on'
  if (state === 'closed') return 'over'
  return Object.hasOwn(INCIDENT_LOOKS, state) ? INCIDENT_LOOKS[state as IncidentJson['state']].words : state
}
