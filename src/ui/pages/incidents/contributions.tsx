import { useState } from 'react'
import type { ContributionJson, IncidentDetailJson } from '../../../api/contract.ts'
import { ShareBar } from '../../components/share-bar.tsx'
import { formatValue, unitOf } from '../../format-value.ts'

/** The features that spoke: when it was worst, and when it began. */
export function Contributions({ incident }: { readonly incident: IncidentDetailJson }) {
  const [atOpening, setAtOpening] = useState(false)
  const { contributions, contributions_at_opening } = incident
  if (contributions.length === 0 && contributions_at_opening.length === 0) return null
  return (
    <section className="stack" aria-label="What spoke">
      <div className="row">
        <h2>What spoke</h2>
        {[false, true].map((opening) => (
          <button
            key={String(opening)}
            type="button"
            className="button"
            aria-pressed={atOpening === opening}
            onClick={() => setAtOpening(opening)}
          >
            {opening ? 'when it began' : 'when it was worst'}
          </button>
        ))}
      </div>
      <Table contributions={atOpening ? contributions_at_opening : contributions} />
    </section>
  )
}

function Table({ contributions }: { readonly contributions: readonly ContributionJson[] }) {
  return (
    <div className="table-frame">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">feature</th>
            <th scope="col" className="cell-number">
              actual
            </th>
            <th scope="col" className="cell-number">
              expected
            </th>
            <th scope="col">share</th>
          </tr>
        </thead>
        <tbody>
          {contributions.map(({ feature, actual, expected, share }) => (
            <tr key={feature}>
              <th scope="row" className="wrap">
                {feature}
              </th>
              <td className="cell-number">{formatValue(actual, unitOf(feature, null))}</td>
              <td className="cell-number">{formatValue(expected, unitOf(feature, null))}</td>
              <td>
                <ShareBar share={share} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
