import type { TimeRange } from './range.ts'
import type { Sample, Span } from './spans.ts'

/** How a line is drawn: in one ink by what it says, so that no chart needs a legend of colours. */
export type LineLook = 'main' | 'expected' | 'second'

export interface Line {
  readonly label: string
  readonly look: LineLook
  readonly samples: readonly Sample[]
}

/** Something that happened, on the axis of time. */
export interface Mark {
  readonly kind: 'incident' | 'action'
  /** ms since the epoch */
  readonly at: number
  /** What lasts is shaded until here; undefined for a moment. */
  readonly to?: number
}

/** What a chart shows and how it answers. */
export interface PlotProps {
  readonly lines: readonly Line[]
  readonly range: Pick<TimeRange, 'from' | 'to'>
  /** Usual distance of two readings, ms. */
  readonly stepMs: number
  readonly spans: readonly Span[]
  readonly marks: readonly Mark[]
  /** Drawn across the chart, and always inside it. */
  readonly threshold?: number
  readonly format: (value: number) => string
  /** Pixels, with axis and ribbon. */
  readonly height: number
  /** Charts of one name share the crosshair. */
  readonly group: string
  readonly onZoom: (from: number, to: number) => void
  /** Back from a zoom. */
  readonly onReset: () => void
  /** What stands under the crosshair; undefined when it has left. */
  readonly onPoint: (at: number | undefined, values: readonly (number | null)[]) => void
}
