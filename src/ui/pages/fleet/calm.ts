import type { FleetTargetJson } from '../../../api/contract.ts'
import type { LiveState } from '../../api/live.ts'
import { formatClock } from '../../format.ts'
import { lookOf } from './condition.ts'

/** What can be said where nothing needs anybody: no more than is known. */
export function calmWords(targets: readonly FleetTargetJson[], live: LiveState): string {
  if (live.kind === 'reconnecting') {
    return live.at === undefined ? 'What needs you is not known.' : `Nothing needed you at ${formatClock(live.at)}.`
  }
  const isBlind = targets.length > 0 && targets.every((target) => lookOf(target).band === 'unknown')
  return isBlind ? 'No incident is open, but no target has a level now.' : 'Nothing needs you.'
}
