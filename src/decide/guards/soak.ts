import type { Guard } from './guard.ts'
import { isManual } from './touching.ts'

export const soak: Guard = {
  name: 'soak',
  objection({ heldCycles, limits, proposal }) {
    if (isManual(proposal) || heldCycles >= limits.soakCycles) return undefined
    return `it has held for ${heldCycles} of ${limits.soakCycles} cycles`
  },
}
