import type { FleetTargetJson } from '../../../api/contract.ts'
import { lookOf } from './condition.ts'

export interface Group {
  /** The value of the label; empty for targets without it. */
  readonly name: string
  /** By name. */
  readonly targets: readonly FleetTargetJson[]
  readonly alarms: number
}

/** More values than these would be a list, not groups. */
const MOST_GROUPS = 200

/** @param label the label whose values are the groups; empty: one group of all */
export function groupTargets(targets: readonly FleetTargetJson[], label: string): readonly Group[] {
  const groups = new Map<string, FleetTargetJson[]>()
  for (const target of targets) {
    const name = label === '' ? '' : (target.labels[label] ?? '')
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [target])
    else group.push(target)
  }
  return [...groups]
    .sort(([a], [b]) => compare(naturalKey(a), naturalKey(b)))
    .map(([name, members]) => ({ name, targets: byName(members), alarms: members.filter(isAlarm).length }))
}

/** The labels that the fleet can be grouped by: not one of which every target has its own value. */
export function groupLabels(targets: readonly FleetTargetJson[]): readonly string[] {
  const values = new Map<string, Set<string>>()
  for (const { labels } of targets) {
    for (const [name, value] of Object.entries(labels)) {
      const known = values.get(name) ?? new Set()
      if (known.size <= MOST_GROUPS) values.set(name, known.add(value))
    }
  }
  return [...values]
    .filter(([name, { size }]) => name === 'job' || (size <= MOST_GROUPS && size < targets.length))
    .map(([name]) => name)
    .sort(compare)
}

function isAlarm(target: FleetTargetJson): boolean {
  return lookOf(target).condition === 'alarm'
}

function byName(targets: readonly FleetTargetJson[]): readonly FleetTargetJson[] {
  return targets
    .map((target) => ({ target, key: naturalKey(target.id) }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ target }) => target)
}

const keys = new Map<string, string>()
const MOST_KEYS = 100_000

/** Orders as people count: `web-2` before `web-10`. Kept, for it is asked for with every event. */
export function naturalKey(name: string): string {
  const known = keys.get(name)
  if (known !== undefined) return known
  if (keys.size >= MOST_KEYS) keys.clear()
  const key = name.replaceAll(/\d+/g, (digits) => digits.padStart(12, '0'))
  keys.set(name, key)
  return key
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
