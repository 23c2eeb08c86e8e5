import type { Guard } from './guard.ts'
import { touches } from './touching.ts'

export const killSwitch: Guard = {
  name: 'kill_switch',
  objection: ({ freeze, proposal }) =>
    freeze !== undefined && touches(proposal) ? `frozen by ${freeze.by}: ${freeze.reason}` : undefined,
}
