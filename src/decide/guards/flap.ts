import type { Guard } from './guard.ts'
import { isManual, touches } from './touching.ts'

/** Source: Nagios, "Detection and Handling of State Flapping": state changes within the last 21 checks. */
export const flap: Guard = {
  name: 'flap',
  objection({ stateChanges, limits, proposal }) {
    if (!touches(proposal) || isManual(proposal) || stateChanges < limits.maxStateChanges) return undefined
    return `it flaps: ${stateChanges} changes within 21 samples`
  },
}
