/** Ends included, both ≥ the first; in the units of what they are about. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Alertmanager's time interval: empty lists mean any, all that are given must hold. */
export interface TimeInterval {
  /** Minutes of the day, `to` not included. */
  readonly times: readonly Span[]
  /** 0 is Sunday. */
  readonly weekdays: readonly Span[]
  /** 1–31, or −31–−1 counted from the month's end. */
  readonly daysOfMonth: readonly Span[]
  /** 1–12 */
  readonly months: readonly Span[]
  readonly years: readonly Span[]
  /** Of the IANA database: `Europe/Berlin`. */
  readonly location: string
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MINUTE_MS = 60_000

/** Whether a time lies in any of the intervals. @param at ms since the epoch */
export function isWithin(intervals: readonly TimeInterval[], at: number): boolean {
  return intervals.some((interval) => holds(interval, at))
}

function holds(interval: TimeInterval, at: number): boolean {
  const local = localTime(at, interval.location)
  const days = interval.daysOfMonth.map(({ from, to }) => ({ from: fromEnd(from, local), to: fromEnd(to, local) }))
  const inside = (spans: readonly Span[], value: number) =>
    spans.length === 0 || spans.some(({ from, to }) => value >= from && value <= to)
  return (
    inside(interval.years, local.year) &&
    inside(interval.months, local.month) &&
    inside(days, local.day) &&
    inside(interval.weekdays, local.weekday) &&
    (interval.times.length === 0 || interval.times.some(({ from, to }) => local.minute >= from && local.minute < to))
  )
}

function fromEnd(day: number, { daysInMonth }: Local): number {
  return day < 0 ? daysInMonth + day + 1 : day
}

interface Local {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly minute: number
  readonly daysInMonth: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

function localTime(at: number, location: string): Local {
  const parts = formatOf(location).formatToParts(at)
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ''
  const [year, month, day] = [Number(part('year')), Number(part('month')), Number(part('day'))]
  return {
    year,
    month,
    day,
    weekday: WEEKDAYS.indexOf(part('weekday')),
    minute: Number(part('hour')) * 60 + Number(part('minute')),
    daysInMonth: new Date(Date.UTC(year, month, 0)).getUTCDate(),
  }
}

function formatOf(location: string): Intl.DateTimeFormat {
  let format = formats.get(location)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: location,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      weekday: 'short',
      hour: 'numeric',
      minute: 'numeric',
    })
    formats.set(location, format)
  }
  return format
}

/** Looked ahead no further than this; who is silent for longer is asked again then. */
const HORIZON_MS = 26 * 3_600_000

/**
 * The next full minute at which something does not hold any more, a day and two hours ahead at most.
 *
 * @param holds asked once a minute
 */
export function endOf(holds: (at: number) => boolean, at: number): number {
  let next = (Math.floor(at / MINUTE_MS) + 1) * MINUTE_MS
  while (next < at + HORIZON_MS && holds(next)) next += MINUTE_MS
  return next
}
