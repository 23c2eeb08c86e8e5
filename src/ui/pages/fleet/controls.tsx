import { useMemo } from 'react'
import type { FleetTargetJson } from '../../../api/contract.ts'
import { setParams, useParam } from '../../app/router.ts'
import { formatCount } from '../../format.ts'
import { CONDITION_WORDS, CONDITIONS, type Condition, countConditions } from './condition.ts'
import { groupLabels } from './group.ts'
import './controls.css'

/** What the fleet is like in numbers, which are what it is filtered by; search, grouping, grid or list. */
export function Controls({
  targets,
  found,
}: {
  targets: readonly FleetTargetJson[]
  found: readonly FleetTargetJson[]
}) {
  const [search, setSearch] = useParam('q')
  const [view] = useParam('view')
  return (
    <div className="fleet-controls">
      <StateFilter targets={targets} />
      <label className="fleet-search">
        <span className="sr-only">Search targets by name or label</span>
        <input
          type="search"
          className="input"
          placeholder="Search: name, label=value  ( / )"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </label>
      {view !== 'list' && <GroupBy targets={targets} />}
      <ViewChoice />
      <span className="sr-only" role="status">
        {found.length === targets.length
          ? ''
          : `${formatCount(found.length)} of ${formatCount(targets.length)} targets`}
      </span>
    </div>
  )
}

function StateFilter({ targets }: { targets: readonly FleetTargetJson[] }) {
  const [state, setState] = useParam('state')
  const counts = countConditions(targets)
  const chosen = (condition: string) => (state === condition ? undefined : condition)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be read as part of a form
    <div className="row fleet-states" role="group" aria-label="Filter by state">
      <button type="button" className="button chip" aria-pressed={state === ''} onClick={() => setState(undefined)}>
        all <span className="number">{formatCount(targets.length)}</span>
      </button>
      {CONDITIONS.filter((condition) => counts[condition] > 0 || state === condition).map((condition: Condition) => (
        <button
          key={condition}
          type="button"
          className="button chip"
          aria-pressed={state === condition}
          onClick={() => setState(chosen(condition))}
        >
          <span aria-hidden="true" className={`chip-colour chip-${condition}`} />
          {CONDITION_WORDS[condition]} <span className="number">{formatCount(counts[condition])}</span>
        </button>
      ))}
    </div>
  )
}

function GroupBy({ targets }: { targets: readonly FleetTargetJson[] }) {
  const [by, setBy] = useParam('by')
  // Not with every event: labels hardly change but with the targets that come and go.
  // biome-ignore lint/correctness/useExhaustiveDependencies: as said
  const labels = useMemo(() => groupLabels(targets), [targets.length])
  const chosen = by === '' ? 'job' : by
  if (labels.length === 0) return null
  return (
    <label className="row">
      <span className="muted">by</span>
      <select
        className="select"
        value={chosen}
        onChange={(event) => setBy(event.target.value === 'job' ? undefined : event.target.value)}
      >
        {labels.map((label) => (
          <option key={label} value={label}>
            {label}
          </option>
        ))}
        {!labels.includes(chosen) && chosen !== 'none' && <option value={chosen}>{chosen}</option>}
        <option value="none">no groups</option>
      </select>
    </label>
  )
}

function ViewChoice() {
  const [view] = useParam('view')
  const isList = view === 'list'
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be read as part of a form
    <div className="row fleet-view" role="group" aria-label="View">
      <button type="button" className="button" aria-pressed={!isList} onClick={() => setParams({ view: undefined })}>
        grid
      </button>
      <button type="button" className="button" aria-pressed={isList} onClick={() => setParams({ view: 'list' })}>
        list
      </button>
    </div>
  )
}
