import type { Condition } from '../../diagnose/condition.ts'
import { createLanguage, type Fault } from '../../diagnose/language.ts'
import { literal } from '../../diagnose/tree.ts'
import type { ActionName, Parameters } from '../../domain/decision.ts'
import { CAUSES } from '../../domain/diagnosis.ts'
import { implies } from './implication.ts'
import type { Rule, RuleSetSpec, RuleSpec, Rules } from './rule.ts'

/** A mistake in a rule. */
export interface RuleFault extends Fault {
  /** Index of the set that holds the rule. */
  readonly set: number
  /** From the top of the set: `['rules', 3, 'when']`. */
  readonly path: readonly (string | number)[]
}

export interface RuleOptions {
  /** The features that rules may name. */
  readonly features: readonly string[]
  /** What is wrong with the parameters of an action, each with the parameter's name where one is to blame. */
  readonly checkParameters: (
    action: ActionName,
    parameters: Parameters,
  ) => readonly { readonly name?: string; readonly message: string; readonly hint?: string }[]
}

export type CompiledRules =
  | { readonly ok: true; readonly rules: Rules }
  | { readonly ok: false; readonly faults: readonly RuleFault[] }

/** Checks rules one by one and together, and puts them in the order in which they are asked. */
export function compileSets(sets: readonly RuleSetSpec[], { features, checkParameters }: RuleOptions): CompiledRules {
  const faults: RuleFault[] = []
  const language = createLanguage(features, { cause: CAUSES })
  const compile = (source: string, set: number, path: RuleFault['path']): Condition | undefined => {
    const compiled = language.compile(source)
    if (compiled.ok) return compiled.condition
    faults.push({ ...compiled.fault, set, path })
    return undefined
  }

  const scopes: Condition[] = []
  const placed: Placed[] = []
  for (const [set, { name, when, rules }] of sets.entries()) {
    const scope = when === undefined ? undefined : compile(when, set, ['when'])
    const index = scope === undefined ? -1 : scopes.push(scope) - 1
    for (const [r, spec] of rules.entries()) {
      const at = (...rest: (string | number)[]) => ['rules', r, ...rest]
      faults.push(...faultsOf(spec, set, at, checkParameters))
      const condition = compile(spec.when, set, at('when'))
      const scopeFails = when !== undefined && scope === undefined
      if (condition === undefined || scopeFails) continue
      placed.push({ set, path: at('when'), scope, rule: { ...spec, set: name, scope: index, condition } })
    }
  }
  // Equal priorities keep the order of the files.
  placed.sort((a, b) => a.rule.priority - b.rule.priority)
  faults.push(...repeatedNames(sets), ...unreachable(placed))
  if (faults.length > 0) return { ok: false, faults }
  const ordered = placed.map(({ rule }) => rule)
  const read = [...scopes, ...ordered.map(({ condition }) => condition)].flatMap(({ numbers }) => numbers)
  return {
    ok: true,
    rules: { ordered, scopes, features: [...new Set(read)].filter((name) => features.includes(name)) },
  }
}

interface Placed {
  readonly set: number
  readonly path: RuleFault['path']
  readonly scope: Condition | undefined
  readonly rule: Rule
}

type At = (...rest: (string | number)[]) => (string | number)[]

/** What is wrong with a rule by itself, its condition apart. */
function faultsOf(spec: RuleSpec, set: number, at: At, check: RuleOptions['checkParameters']): RuleFault[] {
  const faults: RuleFault[] = []
  for (const [s, { action, parameters }] of spec.steps.entries()) {
    const path = s === 0 ? at('parameters') : at('ladder', s - 1, 'parameters')
    for (const { name, message, hint } of check(action, parameters)) {
      faults.push({ set, path: name === undefined ? path : [...path, name], message, hint, offset: 0 })
    }
  }
  const { maxUnhealthy = 0 } = spec.limits
  if (maxUnhealthy >= 1 && spec.mode === 'auto' && !spec.wholeGroup) {
    const message = 'may act on a whole group at once in mode auto'
    const hint = 'set guards.allow_whole_group: true if that is meant, or lower the share'
    faults.push({ set, path: at('guards', 'max_unhealthy'), message, hint, offset: 0 })
  }
  const { afterMs, withinMs } = spec.verification
  if (afterMs > withinMs) {
    const message = 'is shorter than `after`: recovery would never be looked for'
    faults.push({ set, path: at('verification', 'within'), message, hint: 'lengthen it', offset: 0 })
  }
  return faults
}

function repeatedNames(sets: readonly RuleSetSpec[]): RuleFault[] {
  const faults: RuleFault[] = []
  const first = new Map<string, string>()
  for (const [set, { name: file, rules }] of sets.entries()) {
    for (const [r, { name }] of rules.entries()) {
      const before = first.get(name)
      if (before === undefined) first.set(name, file)
      else {
        const message = `there is a rule ${name} already, in ${before}`
        faults.push({ set, path: ['rules', r, 'name'], message, hint: 'choose another name', offset: 0 })
      }
    }
  }
  return faults
}

/** Rules that can never be the first to match, as far as that is cheap to see. */
function unreachable(placed: readonly Placed[]): RuleFault[] {
  return placed.flatMap(({ set, path, scope, rule }, i) => {
    const fault = (message: string, hint: string) => [{ set, path, message, hint, offset: 0 }]
    if (literal(rule.condition.tree) === false) return fault('is never true', 'remove the rule')
    const given = [rule.condition.tree, ...(scope === undefined ? [] : [scope.tree])]
    const before = placed.slice(0, i).find((earlier) => {
      const wanted = [earlier.rule.condition.tree, ...(earlier.scope === undefined ? [] : [earlier.scope.tree])]
      return wanted.every((condition) => implies(given, condition))
    })
    if (before === undefined) return []
    const { name, priority } = before.rule
    return fault(
      `is never reached: whenever it holds, ${name} (priority ${priority}) has matched before`,
      'give it a smaller priority, or a wider condition to the other',
    )
  })
}
