import type { ActionName, Mode, Severity } from '../../domain/decision.ts'
import type { Rules, Step } from './rule.ts'

/** A rule as people are shown it. */
export interface RuleDescription {
  readonly name: string
  /** The file that it stands in. */
  readonly file: string
  readonly priority: number
  /** The file's condition and the rule's own. */
  readonly when: string
  readonly action: ActionName
  readonly severity: Severity
  readonly mode: Mode
  /** All steps of its ladder, the first included. */
  readonly steps: readonly Step[]
  readonly matches: number
}

/**
 * The rules in the order in which they are asked.
 *
 * @param matches how often each was the first to match, by name
 */
export function describeRules({ ordered, scopes }: Rules, matches: ReadonlyMap<string, number>): RuleDescription[] {
  return ordered.map(({ name, set, scope, priority, when, severity, mode, steps }) => ({
    name,
    file: set,
    priority,
    when: scope === -1 ? when : `(${scopes[scope].source}) && (${when})`,
    action: steps[0].action,
    severity,
    mode,
    steps,
    matches: matches.get(name) ?? 0,
  }))
}
