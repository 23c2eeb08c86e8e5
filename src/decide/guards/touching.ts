import { type Action, isSettled, isUndo, MANUAL, wasBegun } from '../../domain/action.ts'
import type { Proposal } from '../../domain/decision.ts'

/** Whether a proposal changes anything in the world; to tell people does not. */
export function touches({ action }: Pick<Proposal, 'action'>): boolean {
  return action !== 'alert'
}

/** A person has looked, and asks for it. */
export function isManual({ rule }: Pick<Proposal, 'rule'>): boolean {
  return rule === MANUAL
}

/** Planned, under way, or done and not yet looked at; to wait for a person's yes is not. */
export function isInFlight(action: Action): boolean {
  return touches(action) && !isSettled(action) && action.state !== 'AWAITING_APPROVAL'
}

/** Attempts at a remedy, which is neither to tell people nor to take something back. */
export function isAttempt(action: Action): boolean {
  return touches(action) && wasBegun(action) && !isUndo(action)
}
