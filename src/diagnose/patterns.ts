import { RE2JS, RE2Set } from 're2js'
import type { Cause } from '../domain/diagnosis.ts'
import type { Condition } from './condition.ts'
import { compilePattern, createLanguage, type Fault } from './language.ts'

/** What is known of causes, as data. */
export interface PatternBook {
  /** Confidence below which the cause is `unknown`, 0–1. */
  readonly minimumConfidence: number
  readonly patterns: readonly PatternSpec[]
}

/** How one cause shows. Weights are 0–1, those of features −1–1: how sure it is when nothing else speaks. */
export interface PatternSpec {
  readonly cause: Exclude<Cause, 'unknown'>
  readonly features: readonly FeatureSign[]
  readonly alerts?: { readonly matching: readonly string[]; readonly weight: number }
  readonly conditions: readonly { readonly when: string; readonly weight: number }[]
  /** Without it the pattern does not count. */
  readonly requires?: string
  /** Weight of most of the group being unwell as well; only beside something else. */
  readonly peers: number
}

export interface FeatureSign {
  /** A feature, or with a `*` at its end all that begin so. */
  readonly name: string
  /** Which way from what was expected it must be. */
  readonly direction: 'up' | 'down' | 'any'
  /** Below 0 it speaks against the cause. */
  readonly weight: number
}

/** Patterns that are ready. */
export interface Patterns {
  readonly minimumConfidence: number
  readonly causes: readonly CompiledPattern[]
  /** What a feature says of each cause; indices are those of `causes`. */
  readonly signsOf: (feature: string) => readonly Sign[]
  /** Indices of the causes that an alert's name speaks for. */
  readonly causesOf: (alert: string) => readonly number[]
  /** The features that conditions read. */
  readonly features: readonly string[]
}

export interface CompiledPattern {
  readonly cause: Cause
  readonly alertWeight: number
  readonly conditions: readonly { readonly condition: Condition; readonly weight: number }[]
  readonly requires?: Condition
  readonly peers: number
}

interface Sign {
  readonly pattern: number
  readonly direction: FeatureSign['direction']
  readonly weight: number
}

/** A mistake in a pattern, with the path to it from the top of the file. */
export interface PatternFault extends Fault {
  readonly path: readonly (string | number)[]
}

/** Names remembered at most; a flood of new ones is only slower. */
const MAX_REMEMBERED = 4096
const NO_SIGNS: readonly Sign[] = []

/** @param features all names that any target may have */
export function compilePatterns(
  book: PatternBook,
  features: readonly string[],
):
  | { readonly ok: true; readonly patterns: Patterns }
  | { readonly ok: false; readonly faults: readonly PatternFault[] } {
  const faults: PatternFault[] = []
  const language = createLanguage(features)
  const condition = (source: string, path: PatternFault['path']): Condition | undefined => {
    const compiled = language.compile(source)
    if (!compiled.ok) faults.push({ ...compiled.fault, path })
    return compiled.ok ? compiled.condition : undefined
  }
  const seen = new Map<Cause, number>()
  // One automaton for the names of all patterns: a flood of alerts with new names must not hold up the rest.
  const alerts = new RE2Set(RE2Set.UNANCHORED, RE2JS.CASE_INSENSITIVE)
  const spokenFor: number[] = []
  const causes = book.patterns.map((spec, p): CompiledPattern => {
    const at = (...rest: (string | number)[]) => ['patterns', p, ...rest]
    const first = seen.get(spec.cause)
    if (first === undefined) seen.set(spec.cause, p)
    else faults.push(told(at('cause'), `${spec.cause} has a pattern already, number ${first + 1}`, 'make one of them'))
    for (const [i, sign] of spec.features.entries()) {
      if (!names(sign.name, features)) faults.push(unknownFeature(at('features', i, 'name'), sign.name, features))
    }
    for (const [i, source] of (spec.alerts?.matching ?? []).entries()) {
      const compiled = compilePattern(source)
      if ('message' in compiled) faults.push(told(at('alerts', 'matching', i), compiled.message, compiled.hint))
      else spokenFor[alerts.add(source)] = p
    }
    const conditions = spec.conditions.flatMap(({ when, weight }, i) => {
      const compiled = condition(when, at('conditions', i, 'when'))
      return compiled === undefined ? [] : [{ condition: compiled, weight }]
    })
    const requires = spec.requires === undefined ? undefined : condition(spec.requires, at('requires'))
    return { cause: spec.cause, alertWeight: spec.alerts?.weight ?? 0, conditions, requires, peers: spec.peers }
  })
  if (faults.length > 0) return { ok: false, faults }

  const read = causes.flatMap(({ conditions, requires }) => [
    ...conditions.flatMap(({ condition: { numbers } }) => numbers),
    ...(requires?.numbers ?? []),
  ])
  const patterns: Patterns = {
    minimumConfidence: book.minimumConfidence,
    causes,
    signsOf: remembering((feature) => signsOf(book.patterns, feature)),
    causesOf: remembering((alert) => [...new Set(alerts.match(alert).map((found) => spokenFor[found]))]),
    features: [...new Set(read)].filter((name) => features.includes(name)),
  }
  return { ok: true, patterns }
}

/** The first sign of each pattern that fits a feature: what stands before is more exact by convention. */
function signsOf(specs: readonly PatternSpec[], feature: string): readonly Sign[] {
  const signs = specs.flatMap((spec, pattern) => {
    const sign = spec.features.find(({ name }) => fits(name, feature))
    return sign === undefined ? [] : [{ pattern, direction: sign.direction, weight: sign.weight }]
  })
  return signs.length === 0 ? NO_SIGNS : signs
}

function fits(name: string, feature: string): boolean {
  return name.endsWith('*') ? feature.startsWith(name.slice(0, -1)) : feature === name
}

function names(name: string, features: readonly string[]): boolean {
  return features.some((feature) => fits(name, feature))
}

function unknownFeature(path: PatternFault['path'], name: string, known: readonly string[]): PatternFault {
  return { path, message: `there is no feature ${name}`, offset: 0, unknown: { name, known } }
}

function told(path: PatternFault['path'], message: string, hint: string): PatternFault {
  return { path, message, hint, offset: 0 }
}

/** Keeps the answers for names that come again at every tick. */
function remembering<T>(answer: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>()
  return (name) => {
    const before = known.get(name)
    if (before !== undefined) return before
    const found = answer(name)
    if (known.size >= MAX_REMEMBERED) known.clear()
    known.set(name, found)
    return found
  }
}
