import { formatExact, formatMoment, formatRelative } from '../format.ts'
import { useNow } from './use-now.ts'

interface TimeTextProps {
  /** ISO 8601; null where it is not known. */
  readonly at: string | null
  /** `relative`: "6 min ago", exact when pointed at; `exact`: the other way round; `both` side by side. */
  readonly show?: 'relative' | 'exact' | 'both'
  /** Instead of a time that is not known. */
  readonly missing?: string
}

export function TimeText({ at, show = 'relative', missing = '–' }: TimeTextProps) {
  const now = useNow()
  if (at === null) return <span className="muted">{missing}</span>
  const time = Date.parse(at)
  const relative = formatRelative(time, now)
  const exact = formatMoment(time, now)
  return (
    <time dateTime={at} title={show === 'exact' ? relative : formatExact(time)} className="number">
      {show === 'relative' ? relative : exact}
      {show === 'both' && <span className="muted"> · {relative}</span>}
    </time>
  )
}
