import { lazy, type ReactNode, Suspense, useRef, useState } from 'react'
import { formatClock, formatExact } from '../format.ts'
import type { Line, PlotProps } from './plot-types.ts'
import { summaryOf } from './summary.ts'
import './chart.css'

const Plot = lazy(async () => ({ default: (await import('./plot.tsx')).Plot }))

interface ChartProps extends Omit<PlotProps, 'onPoint' | 'height'> {
  readonly title: string
  readonly height?: number
  /** Stands at the right of the title: the newest values. */
  readonly newest?: ReactNode
}

/** More rows than this nobody reads aloud. */
const TABLE_ROWS = 60

/** A chart with its title, the values under the crosshair, and the same as a sentence and a table. */
export function Chart({ title, newest, height = 150, ...plot }: ChartProps) {
  const { lines, format, spans } = plot
  const readout = useRef<HTMLOutputElement>(null)
  const summary = summaryOf({ title, samples: lines[0]?.samples ?? [], spans, format })

  const onPoint: PlotProps['onPoint'] = (at, values) => {
    if (readout.current === null) return
    const parts = lines.flatMap(({ label }, i) => (values[i] === null ? [] : [`${label} ${format(values[i])}`]))
    const said = parts.length === 0 ? ['no data'] : parts
    readout.current.textContent = at === undefined ? '' : [formatClock(at), ...said].join('  ')
  }

  return (
    <figure className="chart">
      <figcaption className="chart-head">
        <span className="chart-title">{title}</span>
        <output ref={readout} className="chart-readout number" aria-live="off" />
        <span className="chart-newest number">{newest}</span>
      </figcaption>
      <div role="img" aria-label={summary} className="chart-box" style={{ height }}>
        <Suspense fallback={null}>
          <Plot {...plot} height={height} onPoint={onPoint} />
        </Suspense>
      </div>
      <ChartTable title={title} lines={lines} format={format} />
    </figure>
  )
}

function ChartTable({ title, lines, format }: Pick<ChartProps, 'title' | 'lines' | 'format'>) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details className="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className="sr-only">{title} </span>as a table
      </summary>
      {isOpen && <Rows lines={lines} format={format} />}
    </details>
  )
}

function Rows({ lines, format }: Pick<ChartProps, 'lines' | 'format'>) {
  const times = [...new Set(lines.flatMap(({ samples }) => samples.map(({ at }) => at)))].sort((a, b) => b - a)
  const every = Math.max(1, Math.ceil(times.length / TABLE_ROWS))
  const shown = times.filter((_, i) => i % every === 0)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="table-scroll" tabIndex={0} aria-label="Values, newest first">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">time</th>
            {lines.map(({ label }) => (
              <th key={label} scope="col" className="cell-number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((at) => (
            <tr key={at}>
              <td className="number">{formatExact(at)}</td>
              {lines.map((line) => (
                <td key={line.label} className="cell-number">
                  {cell(line, at, format)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function cell({ samples }: Line, at: number, format: (value: number) => string): string {
  const value = samples.find((sample) => sample.at === at)?.value ?? null
  return value === null ? '–' : format(value)
}
