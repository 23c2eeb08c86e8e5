import type { Guard } from './guard.ts'

export const maintenance: Guard = {
  name: 'maintenance',
  objection: (situation) => situation.maintenance,
}
