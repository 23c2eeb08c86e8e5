import type { Guard } from './guard.ts'
import { isManual } from './touching.ts'

export const recovered: Guard = {
  name: 'recovered',
  objection: ({ unwell, proposal }) => (unwell || isManual(proposal) ? undefined : 'the target is well again'),
}
