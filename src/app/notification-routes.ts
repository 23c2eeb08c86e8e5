import type { WrittenRoute } from '../config/notifications-schema.ts'
import type { Config } from '../config/resolve.ts'
import { ALL_LABELS, type Route } from '../notify/routing/route.ts'
import type { TimeInterval } from '../notify/routing/time-interval.ts'
import { compileMatchers } from '../observe/matcher.ts'

type Notifications = Config['notifications']

const DEFAULTS = { groupBy: [ALL_LABELS], groupWaitMs: 5_000, groupIntervalMs: 60_000, repeatIntervalMs: 4 * 3_600_000 }

/** The tree of routes; without one in the configuration all goes to the first receiver. Undefined without receivers. */
export function routeTree({ receivers, route, time_intervals }: Notifications): Route | undefined {
  const [first] = receivers
  if (first === undefined) return undefined
  const intervals = new Map(time_intervals.map(({ name, time_intervals: some }) => [name, some.map(intervalOf)]))
  const written = route ?? { ...NO_SELECTION, receiver: first.name }
  return compile(written, { ...DEFAULTS, receiver: first.name }, intervals)
}

const NO_SELECTION = {
  matchers: [],
  kinds: [],
  continue: false,
  mute_time_intervals: [],
  active_time_intervals: [],
  routes: [],
} as const

type Inherited = Pick<Route, 'receiver' | 'groupBy' | 'groupWaitMs' | 'groupIntervalMs' | 'repeatIntervalMs'>

function compile(
  written: WrittenRoute,
  parent: Inherited,
  intervals: ReadonlyMap<string, readonly TimeInterval[]>,
): Route {
  const own: Inherited = {
    receiver: written.receiver ?? parent.receiver,
    groupBy: written.group_by ?? parent.groupBy,
    groupWaitMs: written.group_wait ?? parent.groupWaitMs,
    groupIntervalMs: written.group_interval ?? parent.groupIntervalMs,
    repeatIntervalMs: written.repeat_interval ?? parent.repeatIntervalMs,
  }
  const named = (names: readonly string[]) => names.flatMap((name) => intervals.get(name) ?? [])
  return {
    ...own,
    matches: compileMatchers(written.matchers),
    kinds: written.kinds,
    goOn: written.continue,
    muted: named(written.mute_time_intervals),
    active: named(written.active_time_intervals),
    routes: written.routes.map((child) => compile(child, own, intervals)),
  }
}

function intervalOf(written: Notifications['time_intervals'][number]['time_intervals'][number]): TimeInterval {
  const { times, weekdays, days_of_month: daysOfMonth, months, years, location } = written
  return { times, weekdays, daysOfMonth, months, years, location }
}
