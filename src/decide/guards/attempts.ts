import type { Guard } from './guard.ts'
import { spanText } from './span-text.ts'
import { isAttempt, touches } from './touching.ts'

/** So often, then the target is locked out and a person is called. */
export const attempts: Guard = {
  name: 'attempts',
  objection({ at, target, actions, limits, proposal }) {
    if (!touches(proposal)) return undefined
    const { count, windowMs } = limits.attempts
    const made = actions.filter((one) => one.target === target && isAttempt(one) && at - one.startedAt! < windowMs)
    return made.length < count ? undefined : `${made.length} attempts within ${spanText(windowMs)}: locked out`
  },
}
