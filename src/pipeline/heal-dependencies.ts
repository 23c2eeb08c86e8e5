import type { Limits } from '../decide/guards/guard.ts'
import type { StandingPolicy } from '../decide/standing.ts'
import type { Action } from '../domain/action.ts'
import type { Mode } from '../domain/decision.ts'
import type { Freeze } from '../domain/safety.ts'
import type { Target } from '../domain/target.ts'
import type { Clock } from '../platform/clock.ts'
import type { Attention } from './attention.ts'
import type { Effects } from './effects.ts'
import type { FleetNow } from './fleet.ts'
import type { Journal } from './journal.ts'
import type { Policy } from './situation.ts'

/** Points between two steps of an action's course, for tests that stop the process there. */
export const BOUNDARIES = ['planned', 'claimed', 'prepared', 'started', 'ran', 'settled', 'verified'] as const
export type Boundary = (typeof BOUNDARIES)[number]

/** What healing asks of a rule whose action it carries out. */
export interface RuleInForce {
  /** The most that it may do. */
  readonly ceiling: Mode
  readonly steps: number
  /** Where its guards differ. */
  readonly limits: Partial<Limits>
}

export interface HealDependencies {
  readonly journal: Journal
  readonly effects: Effects
  readonly clock: Clock
  /** This process: the owner of its claims. */
  readonly owner: string
  /** Every owner that lives, this one included. */
  readonly alive: () => Promise<readonly string[]>
  readonly fleet: FleetNow
  readonly attention: Attention
  readonly policy: Policy
  readonly standing: StandingPolicy
  /** Undefined for a rule that is no longer in force. */
  readonly ruleOf: (name: string) => RuleInForce | undefined
  readonly newId: (at: number) => string
  readonly frozenOutside: () => Freeze | undefined
  /** Whether a PromQL expression gives a non-zero result now; undefined when nobody can say. */
  readonly holds: (promql: string, signal: AbortSignal) => Promise<boolean | undefined>
  readonly targetOf: (id: string) => Target | undefined
  /** Told of every new version of an action. */
  readonly onTransition: (action: Action) => void
  /** Told what went wrong beside actions, and with undefined when a round went well. */
  readonly onTrouble: (error: unknown) => void
  /** Told at every look at the ledger how many actions wait for a person, and whether all is frozen. */
  readonly onRound: (seen: { readonly waiting: number; readonly freeze: Freeze | undefined }) => void
  /** Takes the time of a look at the ledger. */
  readonly timed: (round: () => Promise<void>) => Promise<void>
  readonly onBoundary?: (boundary: Boundary, action: Action) => void | Promise<void>
}

/** How long a claim lasts: longer than it takes to look at a target. */
export const LEASE_MS = 60_000
