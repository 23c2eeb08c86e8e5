import type { TimeRange } from './range.ts'
import type { Sample } from './spans.ts'
import { extentOf, pathOf } from './spark-path.ts'
import './sparkline.css'

interface SparklineProps {
  readonly samples: readonly Sample[]
  /** What was expected, drawn thin behind it. */
  readonly expected?: readonly Sample[]
  readonly range: Pick<TimeRange, 'from' | 'to'>
  /** Fixed ends of the scale; the data's own otherwise. */
  readonly extent?: readonly [number, number]
}

const WIDTH = 120
const HEIGHT = 24
const NOTHING: readonly Sample[] = []

/** A row's recent past at a glance; the numbers stand beside it, so screen readers pass over it. */
export function Sparkline({ samples, expected = NOTHING, range, extent }: SparklineProps) {
  const scale = extent ?? extentOf([...samples, ...expected])
  const box = { ...range, extent: scale, width: WIDTH, height: HEIGHT }
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path className="spark-expected" d={pathOf(expected, box)} />
      <path className="spark-actual" d={pathOf(samples, box)} />
    </svg>
  )
}
