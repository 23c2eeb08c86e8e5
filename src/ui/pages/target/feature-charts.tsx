import { useMemo } from 'react'
import type { FeatureJson } from '../../../api/contract.ts'
import { Chart } from '../../charts/chart.tsx'
import type { Mark } from '../../charts/plot-types.ts'
import { StatePanel } from '../../components/state-panel.tsx'
import { formatValue, unitOf } from '../../format-value.ts'
import { axisOf } from './chart-axis.ts'
import type { FeaturePicture, Picture } from './picture.ts'

interface FeatureChartsProps {
  readonly names: readonly string[]
  readonly picture: Picture
  readonly features: readonly FeatureJson[]
  readonly marks: readonly Mark[]
}

/** The features that were opened, each with what was expected of it. */
export function FeatureCharts({ names, picture, features, marks }: FeatureChartsProps) {
  if (names.length === 0) return null
  return (
    <section className="stack" aria-label="Charts of features">
      {names.map((name) => (
        <FeatureChart
          key={name}
          name={name}
          picture={picture}
          marks={marks}
          drawn={picture.features.get(name)}
          feature={features.find((each) => each.name === name)}
        />
      ))}
    </section>
  )
}

interface FeatureChartProps {
  readonly name: string
  readonly picture: Picture
  readonly drawn: FeaturePicture | undefined
  readonly feature: FeatureJson | undefined
  readonly marks: readonly Mark[]
}

function newestOf({ actual, expected }: FeatureJson, unit: ReturnType<typeof unitOf>): string {
  const said = formatValue(actual, unit)
  return expected === null ? said : `${said}, expected ${formatValue(expected, unit)}`
}

function FeatureChart({ name, picture, drawn, feature, marks }: FeatureChartProps) {
  const lines = useMemo(() => {
    if (drawn === undefined) return []
    const actual = { label: 'actual', look: 'main' as const, samples: drawn.actual }
    const isExpected = drawn.expected.some(({ value }) => value !== null)
    return isExpected ? [actual, { label: 'expected', look: 'expected' as const, samples: drawn.expected }] : [actual]
  }, [drawn])
  if (drawn === undefined || drawn.actual.length === 0) {
    return (
      <StatePanel state="empty" title={`${name}: no readings of this time`}>
        {feature === undefined
          ? 'This target has no feature of this name.'
          : 'Where no history is kept, readings are remembered while the target is anomalous, or somebody looks at it.'}
      </StatePanel>
    )
  }
  const unit = unitOf(name, drawn.series.unit)
  return (
    <Chart
      {...axisOf(picture)}
      stepMs={drawn.stepMs}
      title={name}
      lines={lines}
      marks={marks}
      format={(value) => formatValue(value, unit)}
      newest={feature && newestOf(feature, unit)}
    />
  )
}
