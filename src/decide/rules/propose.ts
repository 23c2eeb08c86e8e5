import { type View, viewOf } from '../../diagnose/view.ts'
import type { Proposal } from '../../domain/decision.ts'
import type { Diagnosis } from '../../domain/diagnosis.ts'
import type { Facts } from '../../domain/facts.ts'
import type { Limits } from '../guards/guard.ts'
import type { Rule, Rules } from './rule.ts'

/** How far an incident has come. */
export interface Progress {
  /** Place on the ladder of `ruleInForce`: 0 until a step has failed. */
  readonly step: number
  /** The rule that has acted in this incident. */
  readonly ruleInForce?: string
  /** Whether nothing is new but an alert that was said again: `repeat interval elapsed`. */
  readonly repeated: boolean
}

/** What the rules want done, with where the guards differ for it; or why nothing. */
export type Proposed =
  | { readonly proposal: Proposal; readonly limits: Partial<Limits> }
  | {
      readonly proposal: undefined
      readonly reason: string
      /** The rule that matched, where one did. */
      readonly rule?: string
      /** Whether that rule has no step left: a person is needed. */
      readonly exhausted: boolean
    }

/**
 * The first rule that matches decides; without an anomaly or a firing alert none does. The place on the ladder belongs
 * to one rule: another one that matches first begins with its own first step.
 */
export function propose(
  rules: Rules,
  facts: Facts & { readonly diagnosis: Diagnosis },
  { step, ruleInForce, repeated }: Progress,
): Proposed {
  if (!facts.anomalous && facts.alerts.length === 0) return none('there is no anomaly and no firing alert')
  const rule = firstMatch(rules, viewOf(facts, rules.features, facts.diagnosis))
  if (rule === undefined) return none('no rule matches')
  const { name, steps, severity, mode, verification, limits, onRepeat } = rule
  if (repeated && !onRepeat) return none(`the alert is only repeated: ${name} does not act again`, name)
  const place = ruleInForce === name ? step : 0
  if (place >= steps.length) return none(`${name} has no step left`, name, true)
  const { action, parameters } = steps[place]
  const proposal = { rule: name, action, parameters, severity, mode, verification, step: place, steps: steps.length }
  return { proposal, limits }
}

function none(reason: string, rule?: string, exhausted = false): Proposed {
  return { proposal: undefined, reason, rule, exhausted }
}

function firstMatch({ ordered, scopes }: Rules, view: View): Rule | undefined {
  const holds = scopes.map((scope) => scope.holds(view) === true)
  return ordered.find(({ scope, condition }) => (scope === -1 || holds[scope]) && condition.holds(view) === true)
}
