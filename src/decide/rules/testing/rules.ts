import { compileSets } from '../compile.ts'
import type { RuleSpec, Rules } from '../rule.ts'

export const FEATURES = ['cpu', 'memory', 'errors', 'restarts']

/** A rule that only records an alert, for tests. */
export function ruleOf(name: string, priority: number, when: string, changes: Partial<RuleSpec> = {}): RuleSpec {
  return {
    name,
    priority,
    when,
    steps: [{ action: 'alert', parameters: {} }],
    severity: 'low',
    mode: 'observe',
    limits: {},
    wholeGroup: false,
    verification: { afterMs: 30_000, withinMs: 300_000 },
    onRepeat: false,
    ...changes,
  }
}

/** The messages of what is wrong, each with its path. */
export function faultsOf(specs: readonly RuleSpec[], when?: string): string[] {
  const sets = [{ name: 'test', when, rules: specs }]
  const compiled = compileSets(sets, { features: FEATURES, checkParameters: () => [] })
  return compiled.ok ? [] : compiled.faults.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

export function rulesOf(...sets: readonly (readonly RuleSpec[])[]): Rules {
  const named = sets.map((rules, i) => ({ name: `file ${i}`, rules }))
  const compiled = compileSets(named, { features: FEATURES, checkParameters: () => [] })
  if (!compiled.ok) throw new Error(compiled.faults.map(({ path, message }) => `${path.join('.')} ${message}`).join())
  return compiled.rules
}
