import { finding } from './finding.ts'
import type { WrittenRoute } from './notifications-schema.ts'
import type { Finding } from './problem.ts'
import type { ParsedConfig } from './schema.ts'

type Notifications = ParsedConfig['notifications']

/** What the section `notifications` gets wrong beyond single values. */
export function* notificationsAreClear({ notifications }: Pick<ParsedConfig, 'notifications'>): Iterable<Finding> {
  yield* receiversAreClear(notifications)
  yield* namesDiffer(
    'notifications.time_intervals',
    notifications.time_intervals.map(({ name }) => name),
  )
  const { route, escalation, fallback } = notifications
  if (route !== undefined) yield* routeIsClear(route, 'notifications.route', notifications)
  const known = namesOf(notifications)
  if (escalation !== undefined) yield* isKnown(escalation.receiver, 'notifications.escalation.receiver', known)
  for (const [i, name] of (fallback?.receivers ?? []).entries()) {
    yield* isKnown(name, `notifications.fallback.receivers.${i}`, known)
  }
}

const namesOf = ({ receivers }: Notifications) => receivers.map(({ name }) => name)

function* receiversAreClear(notifications: Notifications): Iterable<Finding> {
  yield* namesDiffer('notifications.receivers', namesOf(notifications))
  for (const [i, receiver] of notifications.receivers.entries()) {
    const kinds = Object.keys(receiver).filter((key) => key !== 'name')
    if (kinds.length === 1) continue
    const message = kinds.length === 0 ? 'has no kind' : `has ${kinds.join(' and ')}`
    yield finding(`notifications.receivers.${i}`, message, 'exactly one kind is needed, such as webhook')
  }
}

function* namesDiffer(path: string, names: readonly string[]): Iterable<Finding> {
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) === i) continue
    yield finding(`${path}.${i}.name`, `${name} is the name of an earlier entry`, 'names must differ')
  }
}

function* isKnown(name: string, path: string, known: readonly string[]): Iterable<Finding> {
  if (known.includes(name)) return
  const hint = known.length === 0 ? 'there are none in notifications.receivers' : `there are ${known.join(', ')}`
  yield finding(path, `there is no receiver ${name}`, hint, ['notifications.receivers'])
}

function* routeIsClear(route: WrittenRoute, path: string, notifications: Notifications): Iterable<Finding> {
  if (path === 'notifications.route') {
    if (route.receiver === undefined) yield finding(`${path}.receiver`, 'is missing', 'the topmost route needs one')
    if (route.matchers.length > 0 || route.kinds.length > 0) {
      yield finding(`${path}`, 'has matchers or kinds', 'the topmost route takes everything: put them into its routes')
    }
  }
  if (route.receiver !== undefined) yield* isKnown(route.receiver, `${path}.receiver`, namesOf(notifications))
  const known = notifications.time_intervals.map(({ name }) => name)
  for (const key of ['mute_time_intervals', 'active_time_intervals'] as const) {
    for (const [i, name] of route[key].entries()) {
      if (known.includes(name)) continue
      const reads = ['notifications.time_intervals']
      yield finding(`${path}.${key}.${i}`, `there is no time interval ${name}`, 'name one of time_intervals', reads)
    }
  }
  for (const [i, child] of route.routes.entries()) yield* routeIsClear(child, `${path}.routes.${i}`, notifications)
}
