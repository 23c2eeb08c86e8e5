import { useState } from 'react'
import type { KpisJson } from '../../../api/contract.ts'
import { useLiveEvent } from '../../api/live.ts'
import { useGet } from '../../api/queries.ts'
import { useParam } from '../../app/router.ts'
import { Shown } from '../../components/answer.tsx'
import { StatePanel } from '../../components/state-panel.tsx'
import { formatMoment, plural } from '../../format.ts'
import { Figures } from './figures.tsx'
import { kpisPath, PERIODS, periodOf } from './period.ts'

/** How well trouble is detected and healed. */
export function KpisPage() {
  const [name, setPeriod] = useParam('period')
  const period = periodOf(name)
  const [now, setNow] = useState(() => Date.now())
  const kpis = useGet<KpisJson>(kpisPath(period, now))
  useLiveEvent('incident', () => void kpis.refetch())

  return (
    <div className="stack">
      <div className="page-head">
        <h1>KPIs</h1>
        <label className="row">
          <span className="muted">of the last</span>
          <select
            className="select"
            value={period}
            onChange={(event) => {
              setNow(Date.now())
              setPeriod(event.target.value === '7d' ? undefined : event.target.value)
            }}
          >
            {Object.entries(PERIODS).map(([key, { words }]) => (
              <option key={key} value={key}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Shown answer={kpis} what="the KPIs">
        {(data) => (data.incidents === 0 ? <None kpis={data} /> : <Figures kpis={data} />)}
      </Shown>
    </div>
  )
}

function None({ kpis }: { kpis: KpisJson }) {
  return (
    <StatePanel
      state="empty"
      title={`${plural(0, 'incident')} since ${formatMoment(Date.parse(kpis.from), Date.now())}`}
    >
      Nothing can be said of how well trouble is detected where there was none.
    </StatePanel>
  )
}
