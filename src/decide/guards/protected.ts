import type { Guard } from './guard.ts'
import { touches } from './touching.ts'

export const protectedTargets: Guard = {
  name: 'protected',
  objection: ({ protectedBy, proposal }) =>
    protectedBy !== undefined && touches(proposal) ? `never to be touched: ${protectedBy}` : undefined,
}
