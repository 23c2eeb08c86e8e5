import type { Guard, Health, Situation } from './guard.ts'
import { isInFlight, touches } from './touching.ts'

/**
 * Where much is unhealthy at once, the cause is not in the single target, and to act on each of them makes it worse.
 * Of groups too small for a share to say anything, one target is acted on at a time.
 */
export const fleetBreaker: Guard = {
  name: 'fleet_breaker',
  objection(situation) {
    const { proposal, truncated, groupHealth, fleetHealth, group } = situation
    if (!touches(proposal)) return undefined
    if (truncated) return 'a sender left alerts out, so that nobody knows how much of the fleet is unhealthy'
    if (groupHealth === undefined || fleetHealth === undefined)
      return `nobody knows how many targets ${name(group)} has`
    return breach(groupHealth, name(group), situation) ?? breach(fleetHealth, 'the fleet', situation)
  },
}

/** From how many unhealthy targets on nothing is done: more than the share of the whole. */
export function tripsAt(size: number, maxUnhealthy: number): number {
  // A product such as 0.2 × 35 may be off by a rounding error, which must not decide about a target.
  return Math.floor(maxUnhealthy * size + 1e-9) + 1
}

function breach({ size, unhealthy }: Health, whole: string, { limits, actions, group }: Situation): string | undefined {
  if (size < limits.breakerFrom) {
    const inFlight = actions.find((action) => isInFlight(action) && (whole === 'the fleet' || action.group === group))
    return inFlight && `${whole} is small, and another action is under way: ${inFlight.action} on ${inFlight.target}`
  }
  if (unhealthy < tripsAt(size, limits.maxUnhealthy)) return undefined
  return `${unhealthy} of ${size} targets of ${whole} are unhealthy, more than ${Math.round(limits.maxUnhealthy * 100)} %: a person must look`
}

function name(group: string): string {
  return `the group ${group === '' ? 'without a name' : group}`
}
