import type { Action } from '../../domain/action.ts'
import type { Guard, Limits, Situation } from './guard.ts'
import { spanText } from './span-text.ts'
import { isInFlight, touches } from './touching.ts'

export const rate: Guard = {
  name: 'rate',
  objection(situation) {
    if (!touches(situation.proposal)) return undefined
    for (const limit of situation.limits.rates) {
      const begun = situation.actions.filter((action) => countsFor(limit, action, situation)).length
      if (begun >= limit.count) return `${begun} within ${spanText(limit.windowMs)} ${SCOPES[limit.scope]}`
    }
    return undefined
  },
}

const SCOPES = { all: 'in all', group: 'in the group', rule: 'by the rule' } as const

/** What is planned counts already, or a storm would all be planned before the first one begins. */
function countsFor({ windowMs, scope }: Limits['rates'][number], action: Action, situation: Situation): boolean {
  const { at, group, proposal } = situation
  if (!touches(action)) return false
  const begun = action.startedAt ?? (isInFlight(action) ? at : Number.NEGATIVE_INFINITY)
  if (at - begun >= windowMs) return false
  return scope === 'all' || (scope === 'group' ? action.group === group : action.rule === proposal.rule)
}
