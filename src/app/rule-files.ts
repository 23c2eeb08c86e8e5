import { didYouMean } from '../config/did-you-mean.ts'
import { valueAt } from '../config/explain.ts'
import { readOtherFile, sorted, type TextOffset } from '../config/other-file.ts'
import { patternFile } from '../config/pattern-file.ts'
import type { Problem } from '../config/problem.ts'
import { type RuleFile, ruleFile } from '../config/rule-file.ts'
import { compileSets, type RuleOptions } from '../decide/rules/compile.ts'
import type { RuleSetSpec, RuleSpec, Rules } from '../decide/rules/rule.ts'
import type { Fault } from '../diagnose/language.ts'
import { compilePatterns, type Patterns } from '../diagnose/patterns.ts'
import type { Mode } from '../domain/decision.ts'

export interface NamedText {
  /** For people: the path of the file. */
  readonly name: string
  readonly text: string
}

export interface CompileOptions extends RuleOptions {
  /** Of rules that name none, in a file that names none. */
  readonly mode: Mode
}

const HOUR = 3_600_000

/** Reads and checks rule files; says everything that is wrong with them, file by file. */
export function compileRules(
  texts: readonly NamedText[],
  { mode, ...options }: CompileOptions,
): { readonly ok: true; readonly rules: Rules } | { readonly ok: false; readonly problems: readonly Problem[] } {
  const files = texts.map(({ name, text }) => ({ name, reading: readOtherFile<RuleFile>(name, text, ruleFile) }))
  const sets = files.map(({ name, reading }) => setOf(name, reading.value, mode))
  const compiled = compileSets(sets, options)
  const problems = files.flatMap(({ reading }, set) => {
    const faults = compiled.ok ? [] : compiled.faults.filter((fault) => fault.set === set)
    return sorted([...reading.problems, ...faults.map((fault) => reading.problem(...finding(fault, reading.value)))])
  })
  return compiled.ok && problems.length === 0 ? { ok: true, rules: compiled.rules } : { ok: false, problems }
}

/** Reads and checks a file of patterns. */
export function compilePatternFile(
  { name, text }: NamedText,
  features: readonly string[],
): { readonly ok: true; readonly patterns: Patterns } | { readonly ok: false; readonly problems: readonly Problem[] } {
  const { value, problems, problem } = readOtherFile(name, text, patternFile)
  if (value === undefined) return { ok: false, problems }
  const compiled = compilePatterns({ minimumConfidence: value.minimum_confidence, patterns: value.patterns }, features)
  if (compiled.ok) return { ok: true, patterns: compiled.patterns }
  return { ok: false, problems: sorted(compiled.faults.map((fault) => problem(...finding(fault, value)))) }
}

/** A fault with a guess at what was meant, and where in its text it is. */
function finding(fault: Fault & { readonly path: readonly (string | number)[] }, file: unknown) {
  const { path, message, unknown, offset } = fault
  const text = valueAt(file, path)
  const within: TextOffset | undefined = typeof text === 'string' ? { text, offset } : undefined
  return [{ path, message, hint: fault.hint ?? guess(unknown) }, within] as const
}

function guess(unknown: Fault['unknown']): string | undefined {
  if (unknown === undefined) return undefined
  const meant = didYouMean(unknown.name, unknown.known)
  if (meant !== undefined) return `did you mean ${meant}?`
  return unknown.known.length > 20 ? 'docs/rules.md says what can be named' : `known: ${unknown.known.join(', ')}`
}

function setOf(name: string, file: RuleFile | undefined, mode: Mode): RuleSetSpec {
  if (file === undefined) return { name, rules: [] }
  return { name, when: file.when, rules: file.rules.map((rule) => specOf(rule, rule.mode ?? file.mode ?? mode)) }
}

function specOf(rule: RuleFile['rules'][number], mode: Mode): RuleSpec {
  const { name, priority, when, action, parameters, severity, guards, verification, ladder } = rule
  const { promql, after, within } = verification
  return {
    name,
    priority,
    when,
    steps: [{ action, parameters }, ...ladder],
    severity,
    mode,
    limits: limitsOf(guards),
    wholeGroup: guards?.allow_whole_group ?? false,
    verification: { ...(promql === undefined ? {} : { promql }), afterMs: after, withinMs: within },
    onRepeat: rule.on_repeat,
  }
}

/** Only what the rule says; the rest stays as it is in general. */
function limitsOf(guards: RuleFile['rules'][number]['guards']): RuleSpec['limits'] {
  if (guards === undefined) return {}
  const { cooldown, rates } = guards
  const said = {
    maxDataAgeMs: guards.max_data_age,
    cleanCycles: guards.clean_cycles,
    soakCycles: guards.soak,
    maxStateChanges: guards.max_state_changes,
    maxUnhealthy: guards.max_unhealthy,
    breakerFrom: guards.breaker_from,
    rates: rates?.map((rate) => ({ ...rate, scope: 'rule' as const })),
    cooldown: cooldown && { baseMs: cooldown.base, maxMs: cooldown.max ?? Math.max(cooldown.base, HOUR) },
    attempts: guards.attempts,
  }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
}
