import { useState } from 'react'
import type { FeatureJson } from '../../../api/contract.ts'
import { formatShare, plural } from '../../format.ts'
import { formatValue, unitOf } from '../../format-value.ts'
import { FeatureButton } from './feature-button.tsx'

interface AllFeaturesProps {
  readonly features: readonly FeatureJson[]
  readonly opened: readonly string[]
}

/** Every feature, when somebody wants them; the ones opened are charted above. */
export function AllFeatures({ features, opened }: AllFeaturesProps) {
  const [search, setSearch] = useState('')
  const wanted = search.trim().toLowerCase()
  const shown = features.filter(({ name, help }) => `${name} ${help}`.toLowerCase().includes(wanted))
  return (
    <details>
      <summary>All {plural(features.length, 'feature')}</summary>
      <div className="stack">
        <input
          type="search"
          className="input"
          aria-label="Search features"
          placeholder="search features"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <div className="table-frame">
          <table className="table table-fold">
            <thead>
              <tr>
                <th scope="col">feature</th>
                <th scope="col">what</th>
                <th scope="col" className="cell-number">
                  actual
                </th>
                <th scope="col" className="cell-number">
                  expected
                </th>
                <th scope="col" className="cell-number">
                  share
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((feature) => (
                <Row key={feature.name} feature={feature} isOpen={opened.includes(feature.name)} />
              ))}
            </tbody>
          </table>
        </div>
        {shown.length === 0 && <p className="muted">No feature is called so.</p>}
      </div>
    </details>
  )
}

function Row({ feature, isOpen }: { readonly feature: FeatureJson; readonly isOpen: boolean }) {
  const { name, unit, help, actual, expected, share } = feature
  return (
    <tr>
      <th scope="row">
        <FeatureButton feature={feature} isOpen={isOpen} />
      </th>
      <td className="muted">{help}</td>
      <td className="cell-number" data-label="actual">
        {formatValue(actual, unitOf(name, unit))}
      </td>
      <td className="cell-number" data-label="expected">
        {formatValue(expected, unitOf(name, unit))}
      </td>
      <td className="cell-number" data-label="share">
        {formatShare(share)}
      </td>
    </tr>
  )
}
