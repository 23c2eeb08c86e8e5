import type { FleetTargetJson } from '../../../api/contract.ts'
import { lookOf } from './condition.ts'

/** What is asked for of the fleet; empty: everything. */
export interface Wanted {
  /** Words that must all occur in the id or in `label=value`, whatever their letters' case. */
  readonly search: string
  /** A condition. */
  readonly state: string
}

export function selectTargets(
  targets: readonly FleetTargetJson[],
  { search, state }: Wanted,
): readonly FleetTargetJson[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0 && state === '') return targets
  return targets.filter(
    (target) => (state === '' || lookOf(target).condition === state) && (words.length === 0 || matches(target, words)),
  )
}

function matches({ id, labels }: FleetTargetJson, words: readonly string[]): boolean {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  const text = `${id} ${pairs.join(' ')}`.toLowerCase()
  return words.every((word) => text.includes(word))
}
