import { formatClock, formatDuration, plural } from '../format.ts'
import { anomalousMs, type Sample, type Span } from './spans.ts'

interface Charted {
  /** `Level`, `memory used` */
  readonly title: string
  readonly samples: readonly Sample[]
  readonly spans: readonly Span[]
  readonly format: (value: number) => string
}

/** A chart in a sentence, for who does not see it: extent, newest value, and how long it was anomalous. */
export function summaryOf({ title, samples, spans, format }: Charted): string {
  const known = samples.filter((sample): sample is Sample & { value: number } => sample.value !== null)
  if (known.length === 0) return `${title}: nothing is known of this time.`
  const values = known.map(({ value }) => value)
  const [first, last] = [known[0], known[known.length - 1]]
  const [lowest, highest] = [Math.min(...values), Math.max(...values)]
  const extent = `${plural(known.length, 'reading')} between ${format(lowest)} and ${format(highest)}`
  const anomalous = anomalousMs(spans) / 1000
  const judged =
    spans.length === 0 ? '' : `, anomalous for ${anomalous === 0 ? 'none of it' : formatDuration(anomalous)}`
  return `${title} from ${formatClock(first.at)} to ${formatClock(last.at)}: ${extent}, last ${format(last.value)}${judged}.`
}
