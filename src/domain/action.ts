import type { ActionName, Mode, Parameters, Severity, Verification } from './decision.ts'

/**
 * The course of an action in the ledger: PLANNED (or AWAITING_APPROVAL first) → CLAIMED → STARTED → SUCCEEDED, FAILED or
 * UNKNOWN → VERIFIED or ESCALATED. It ends at once as REFUSED (a guard), EXPIRED (nobody answered, or the reason is
 * gone) or DRY_RUN. What was STARTED is never executed again by anyone.
 */
export const ACTION_STATES = [
  'PLANNED',
  'AWAITING_APPROVAL',
  'CLAIMED',
  'STARTED',
  'SUCCEEDED',
  'FAILED',
  'UNKNOWN',
  'VERIFIED',
  'ESCALATED',
  'REFUSED',
  'EXPIRED',
  'DRY_RUN',
] as const
export type ActionState = (typeof ACTION_STATES)[number]

/** Final: nothing more is done, or looked for. */
const SETTLED: readonly ActionState[] = ['VERIFIED', 'ESCALATED', 'REFUSED', 'EXPIRED', 'DRY_RUN']
/** Of these, the ends of what was never begun. */
const DROPPED: readonly ActionState[] = ['REFUSED', 'EXPIRED', 'DRY_RUN']

/** Still to be done, under way, or not yet looked at. */
export const OPEN_STATES = ACTION_STATES.filter((state) => !SETTLED.includes(state))
/** What guards count: what was begun or is about to be, not what was refused or only recorded. */
export const COUNTED_STATES = ACTION_STATES.filter((state) => !DROPPED.includes(state))

/** States that an action can go on to. */
export const NEXT_STATES: Readonly<Record<ActionState, readonly ActionState[]>> = {
  // To itself when the exact call is known, which people want to see before they answer.
  AWAITING_APPROVAL: ['AWAITING_APPROVAL', 'PLANNED', 'REFUSED', 'EXPIRED'],
  PLANNED: ['CLAIMED', 'REFUSED', 'EXPIRED'],
  // Back to PLANNED when whoever claimed it died before it began, or must wait for another action.
  CLAIMED: ['STARTED', 'PLANNED', 'REFUSED', 'EXPIRED', 'FAILED'],
  STARTED: ['SUCCEEDED', 'FAILED', 'UNKNOWN'],
  SUCCEEDED: ['VERIFIED', 'ESCALATED'],
  FAILED: ['ESCALATED', 'VERIFIED'],
  UNKNOWN: ['VERIFIED', 'ESCALATED'],
  VERIFIED: [],
  ESCALATED: [],
  REFUSED: [],
  EXPIRED: [],
  DRY_RUN: ['DRY_RUN'],
}

/** One attempt on one target. */
export interface Action {
  /** Time-ordered. */
  readonly id: string
  /** Undefined for a manual action on a target without an incident. */
  readonly incidentId?: string
  /** Two plans with the same key are one: incident and attempt, or the idempotency key of a request. */
  readonly key: string
  readonly target: string
  /** The group whose safety counts: the value of the grouping label, the job by default. */
  readonly group: string
  readonly action: ActionName
  readonly parameters: Parameters
  readonly severity: Severity
  readonly mode: Mode
  /** The rule, or `manual`. */
  readonly rule: string
  readonly step: number
  readonly verification: Verification
  readonly state: ActionState
  /** Why it is in this state, for people: the guard's words, the error, what verification saw. */
  readonly reason: string
  /** `homeostat`, or who asked. */
  readonly by: string
  /** Who said yes, where somebody had to. */
  readonly approvedBy?: string
  /** The exact call, without secrets; empty until it was prepared. */
  readonly call: string
  /** What undoes it, as its executor understands it; undefined where nothing does. */
  readonly undo?: Parameters
  /** Counts claims; a transition with an older one is refused. */
  readonly epoch: number
  /** Times are ms since the epoch. */
  readonly createdAt: number
  /** After this it is no longer begun. */
  readonly expiresAt: number
  readonly startedAt?: number
  readonly finishedAt?: number
}

export function isSettled({ state }: Action): boolean {
  return SETTLED.includes(state)
}

/** The rule of an action that a person asked for. */
export const MANUAL = 'manual'

/** The key of the action that takes back another. */
export function undoKey(actionId: string): string {
  return `undo:${actionId}`
}

export function isUndo({ key }: Action): boolean {
  return key.startsWith('undo:')
}

/** What the executor has done or may have done; it counts for cooldown, attempts and rate. */
export function wasBegun({ startedAt }: Action): boolean {
  return startedAt !== undefined
}
