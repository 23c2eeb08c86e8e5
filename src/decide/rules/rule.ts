import type { Condition } from '../../diagnose/condition.ts'
import type { ActionName, Mode, Parameters, Severity, Verification } from '../../domain/decision.ts'
import type { Limits } from '../guards/guard.ts'

/** One thing that a rule does. */
export interface Step {
  readonly action: ActionName
  readonly parameters: Parameters
}

/** A rule as it was written. */
export interface RuleSpec {
  readonly name: string
  readonly priority: number
  readonly when: string
  readonly steps: readonly Step[]
  readonly severity: Severity
  /** What the rule may do by itself, at most. */
  readonly mode: Mode
  /** Where the guards differ; `rates` come beside the general ones. */
  readonly limits: Partial<Limits>
  /** Whether somebody has said that the rule may act on a whole group. */
  readonly wholeGroup: boolean
  readonly verification: Verification
  readonly onRepeat: boolean
}

/** Rules that were written together, under a condition of their own. */
export interface RuleSetSpec {
  /** For people: the file. */
  readonly name: string
  readonly when?: string
  readonly rules: readonly RuleSpec[]
}

/** A rule that can be asked. */
export interface Rule extends RuleSpec {
  /** Name of its set. */
  readonly set: string
  /** Index of its set's condition in `Rules.scopes`; −1 where it has none. */
  readonly scope: number
  readonly condition: Condition
}

/** All rules, in the order in which they are asked. */
export interface Rules {
  readonly ordered: readonly Rule[]
  readonly scopes: readonly Condition[]
  /** The features that any condition reads. */
  readonly features: readonly string[]
}
