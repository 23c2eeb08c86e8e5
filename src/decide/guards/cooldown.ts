import { type Action, isUndo, wasBegun } from '../../domain/action.ts'
import type { Proposal } from '../../domain/decision.ts'
import type { Guard, Limits } from './guard.ts'
import { spanText } from './span-text.ts'

export const cooldown: Guard = {
  name: 'cooldown',
  objection({ at, target, actions, limits, proposal }) {
    const same = actions.filter((one) => one.target === target && sameKind(one, proposal))
    const until = cooledDownAt(same, limits.cooldown)
    return at < until
      ? `${proposal.action} was last begun here too short ago: ${spanText(until - at)} to wait`
      : undefined
  },
}

/** Commands and requests are what their names make them: two of them are not the same action. */
function sameKind(one: Action, { action, parameters }: Proposal): boolean {
  const { command, request } = one.parameters
  return one.action === action && command === parameters['command'] && request === parameters['request']
}

/**
 * When the next action of a kind may begin on its target: the base after the first, doubling with each further one up
 * to the maximum. It starts anew after a pause of twice the maximum.
 *
 * @param actions of one target and kind
 * @returns ms since the epoch; −∞ when none was begun
 */
export function cooledDownAt(actions: readonly Action[], { baseMs, maxMs }: Limits['cooldown']): number {
  const begun = actions.filter((action) => wasBegun(action) && !isUndo(action)).map(({ startedAt }) => startedAt!)
  begun.sort((a, b) => b - a)
  if (begun.length === 0) return Number.NEGATIVE_INFINITY
  let chain = 1
  while (chain < begun.length && begun[chain - 1] - begun[chain] <= 2 * maxMs) chain++
  return begun[0] + Math.min(baseMs * 2 ** (chain - 1), Math.max(baseMs, maxMs))
}
