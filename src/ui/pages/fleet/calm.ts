import type { FleetTargetJson } from '../../../api/contract.ts'
import type { LiveState } from '../../api/live.ts'
import { formatClock } from '../../format.ts'
import { lookOf } from './condition.ts'

/** What can be said where nothing needs anybody: no more than is known. @param targets undefined: not known yet */
export function calmWords(targets: readonly FleetTargetJson[] | undefined, live: LiveState): string {
  if (live.kind === 'reconnecting') {
    return live.at === undefined ? 'What needs you is not known.' : `Nothing needed you at ${formatClock(live.at)}.`
  }
  if (targets?.length === 0) return 'No incident is open, and no target is known yet.'
  const isBlind = targets?.every((target) => lookOf(target).band === 'unknown') === true
  return isBlind ? 'No incident is open, but no target has a level now.' : 'Nothing needs you.'
}
