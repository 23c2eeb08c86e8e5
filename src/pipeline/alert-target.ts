import type { Alert } from '../domain/alert.ts'
import { type Target, targetOf } from '../domain/target.ts'

/** The targets that are known, to find the one an alert is about. */
export interface KnownTargets {
  byId(id: string): Target | undefined
  /** The only target that carries all these identity labels; undefined when there is none, or more than one. */
  only(labels: Readonly<Record<string, string>>): Target | undefined
}

/**
 * The target an alert is about. An alert may carry fewer labels than a target has, such as `by (instance)`: then it is
 * about the one target that has them, if there is just one. One without any identity label is about nothing that we
 * know: it stands by itself, under its name.
 */
export function alertTarget(
  { labels, fingerprint }: Pick<Alert, 'labels' | 'fingerprint'>,
  identity: readonly string[],
  known: KnownTargets,
): Target {
  const target = targetOf(labels, identity)
  const given = identity.filter((name) => target.labels[name] !== '')
  if (given.length === 0) {
    const own = `${labels['alertname'] ?? 'alert'}-${fingerprint.slice(0, 8)}`
    return { id: `${own}@alert`, labels: target.labels }
  }
  if (given.length === identity.length) return known.byId(target.id) ?? target
  return known.only(Object.fromEntries(given.map((name) => [name, target.labels[name]]))) ?? target
}

/** Indexes targets by each identity label alone, and by id. */
export function knownTargets(targets: Iterable<Target>): KnownTargets {
  const byId = new Map<string, Target>()
  const byLabel = new Map<string, Target[]>()
  for (const target of targets) {
    byId.set(target.id, target)
    for (const [name, value] of Object.entries(target.labels)) {
      const key = `${name}\n${value}`
      const some = byLabel.get(key)
      if (some === undefined) byLabel.set(key, [target])
      else some.push(target)
    }
  }
  return {
    byId: (id) => byId.get(id),
    only(labels) {
      const names = Object.keys(labels)
      const candidates = names.map((name) => byLabel.get(`${name}\n${labels[name]}`) ?? [])
      const fewest = candidates.reduce((a, b) => (b.length < a.length ? b : a), candidates[0] ?? [])
      const fitting = fewest.filter((target) => names.every((name) => target.labels[name] === labels[name]))
      return fitting.length === 1 ? fitting[0] : undefined
    },
  }
}
