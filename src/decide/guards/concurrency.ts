import type { Guard } from './guard.ts'
import { isInFlight, touches } from './touching.ts'

export const concurrency: Guard = {
  name: 'concurrency',
  objection({ target, group, actions, limits, proposal }) {
    if (!touches(proposal)) return undefined
    const inFlight = actions.filter(isInFlight)
    const onTarget = inFlight.filter((one) => one.target === target).length
    if (onTarget >= limits.concurrency.target) return `${onTarget} under way on this target`
    const inGroup = inFlight.filter((one) => one.group === group).length
    if (inGroup >= limits.concurrency.group) return `${inGroup} under way in the group`
    return inFlight.length >= limits.concurrency.all ? `${inFlight.length} under way in all` : undefined
  },
}
