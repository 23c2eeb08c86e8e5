import type { Guard } from './guard.ts'
import { touches } from './touching.ts'

/** Nothing means nothing: what names no target, or all of them, is about none. */
export const selector: Guard = {
  name: 'selector',
  objection({ target, selector: found, proposal }) {
    if (!touches(proposal)) return undefined
    if (target.trim() === '') return 'no target is named, so none is meant'
    return found.ok ? undefined : found.reason
  },
}
