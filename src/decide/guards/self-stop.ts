import type { Action } from '../../domain/action.ts'
import type { Guard } from './guard.ts'
import { touches } from './touching.ts'

export const selfStop: Guard = {
  name: 'self_stop',
  objection({ actions, limits, trustedSince, proposal }) {
    if (!touches(proposal)) return undefined
    const failures = failuresInARow(actions, trustedSince)
    if (failures < limits.selfStopAfter) return undefined
    return `the last ${failures} actions failed, or nobody knows what became of them: a person must look and unfreeze`
  },
}

/**
 * How many of the newest actions failed, had an unknown end, or did not help. What is still under way says nothing yet.
 *
 * @param actions newest first
 * @param since earlier actions no longer count, ms since the epoch
 */
export function failuresInARow(actions: readonly Action[], since: number): number {
  let failures = 0
  for (const action of actions) {
    if (!touches(action) || action.finishedAt === undefined || action.finishedAt <= since) continue
    if (action.state === 'VERIFIED') break
    if (['FAILED', 'UNKNOWN', 'ESCALATED'].includes(action.state)) failures++
  }
  return failures
}
