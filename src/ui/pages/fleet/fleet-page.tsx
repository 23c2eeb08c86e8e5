import { useDeferredValue, useMemo } from 'react'
import type { FleetJson, FleetTargetJson } from '../../../api/contract.ts'
import { useGet } from '../../api/queries.ts'
import { useParam } from '../../app/router.ts'
import { Shown } from '../../components/answer.tsx'
import { StatePanel } from '../../components/state-panel.tsx'
import { FirstRun } from '../first-run/first-run.tsx'
import { Controls } from './controls.tsx'
import { Grid } from './grid.tsx'
import { groupTargets } from './group.ts'
import { List } from './list.tsx'
import { MattersView } from './matters-view.tsx'
import { selectTargets } from './select.ts'

/** What needs me, and then everything at a glance. */
export function FleetPage() {
  const fleet = useGet<FleetJson>('fleet')
  return (
    <div className="stack">
      <h1 className="sr-only">Fleet</h1>
      <MattersView />
      <FirstRun />
      <Shown answer={fleet} what="the fleet">
        {({ targets }) => targets.length > 0 && <Fleet targets={targets} />}
      </Shown>
    </div>
  )
}

function Fleet({ targets }: { targets: readonly FleetTargetJson[] }) {
  const [search] = useParam('q')
  const [state] = useParam('state')
  const [by] = useParam('by')
  const [view] = useParam('view')
  const label = by === '' ? 'job' : by === 'none' ? '' : by
  // Who types sees the letters at once, and the fleet a moment later.
  const wanted = useDeferredValue(search)
  const found = useMemo(() => selectTargets(targets, { search: wanted, state }), [targets, wanted, state])
  const groups = useMemo(() => groupTargets(found, label), [found, label])
  return (
    <>
      <Controls targets={targets} found={found} />
      {found.length === 0 && <StatePanel state="empty" title="No target is like that" />}
      {found.length > 0 && (view === 'list' ? <List targets={found} /> : <Grid groups={groups} label={label} />)}
    </>
  )
}
