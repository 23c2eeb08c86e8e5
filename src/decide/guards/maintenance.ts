import type { Guard } from './guard.ts'
import { isManual, touches } from './touching.ts'

export const maintenance: Guard = {
  name: 'maintenance',
  objection({ maintenance: quiet, maintenanceUnknown: unknown, proposal }) {
    if (quiet !== undefined) return quiet
    // To tell people needs no leave, and a person who asks for an action has looked.
    return touches(proposal) && !isManual(proposal) ? unknown : undefined
  },
}
