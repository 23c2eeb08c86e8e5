import type { FeatureJson } from '../../../api/contract.ts'
import { setParams, useParam } from '../../app/router.ts'

/** Opens the chart of a feature, or closes it; which ones are open stands in the address. */
export function FeatureButton({ feature, isOpen }: { readonly feature: FeatureJson; readonly isOpen: boolean }) {
  const [chosen] = useParam('features')
  const { name, help } = feature
  const toggle = () => {
    const names = chosen.split(',').filter((each) => each !== '' && each !== name)
    setParams({ features: (isOpen ? names : [...names, name]).join(',') || undefined })
  }
  return (
    <button
      type="button"
      className="button-link feature-button"
      data-row=""
      aria-expanded={isOpen}
      title={help === '' ? undefined : help}
      onClick={toggle}
    >
      <span aria-hidden="true">{isOpen ? '▾ ' : '▸ '}</span>
      {name}
    </button>
  )
}
