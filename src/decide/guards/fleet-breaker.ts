import type { Guard, Health, Situation } from './guard.ts'
import { isInFlight, isManual, touches } from './touching.ts'

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
    return (
      stormIn(situation) ??
      alreadyBusy(groupHealth, situation, name(group), (action) => action.group === group) ??
      alreadyBusy(fleetHealth, situation, 'the fleet', () => true)
    )
  },
  freezes(situation) {
    const { proposal } = situation
    const wouldAct = proposal.mode === 'auto' || proposal.mode === 'approve'
    const storm = wouldAct && !isManual(proposal) ? stormIn(situation) : undefined
    return storm && `${storm}, then unfreeze`
  },
}

/** From how many unhealthy targets on nothing is done: more than the share of the whole. */
export function tripsAt(size: number, maxUnhealthy: number): number {
  // A product such as 0.2 × 35 may be off by a rounding error, which must not decide about a target.
  return Math.floor(maxUnhealthy * size + 1e-9) + 1
}

/** More is wrong, or may be, than what can be put right target by target. */
function stormIn({ groupHealth, fleetHealth, group, limits }: Situation): string | undefined {
  if (groupHealth === undefined || fleetHealth === undefined)
    return `nobody knows how many targets ${name(group)} has: say it in remediation.groups.sizes`
  const wholes = [
    [groupHealth, name(group)],
    [fleetHealth, 'the fleet'],
  ] as const
  for (const [{ size, unhealthy }, whole] of wholes) {
    if (size < limits.breakerFrom || unhealthy < tripsAt(size, limits.maxUnhealthy)) continue
    const share = `more than ${Math.round(limits.maxUnhealthy * 100)} %`
    return `${unhealthy} of ${size} targets of ${whole} are unhealthy, ${share}: look why`
  }
  return undefined
}

function alreadyBusy(
  health: Health | undefined,
  { limits, actions }: Situation,
  whole: string,
  isOf: (action: Situation['actions'][number]) => boolean,
): string | undefined {
  if (health === undefined || health.size >= limits.breakerFrom) return undefined
  const inFlight = actions.find((action) => isInFlight(action) && isOf(action))
  return inFlight && `${whole} is small, and another action is under way: ${inFlight.action} on ${inFlight.target}`
}

function name(group: string): string {
  return `the group ${group === '' ? 'without a name' : group}`
}
