import { dirname, resolve } from 'node:path'
import { didYouMean } from '../config/did-you-mean.ts'
import { readOtherFile, sorted } from '../config/other-file.ts'
import { formatPath, type Problem } from '../config/problem.ts'
import { type RuleTest, type RuleTestFile, ruleTestFile } from '../config/rule-test-file.ts'
import { type Proposed, propose } from '../decide/rules/propose.ts'
import { diagnose } from '../diagnose/diagnose.ts'
import type { DecisionVerdict, Mode } from '../domain/decision.ts'
import type { Diagnosis } from '../domain/diagnosis.ts'
import { checkParameters } from './action-parameters.ts'
import { patternFeatures } from './rule-features.ts'
import { compilePatternFile, compileRules } from './rule-files.ts'
import { readText, shipped } from './rule-set.ts'
import { factsOf } from './rule-test-facts.ts'

/** What came of one file of tests: `problems` where it, or the rules, could not be read. */
export type RuleTestReport =
  | {
      readonly ok: true
      readonly count: number
      /** Tests with one failure or more. */
      readonly failed: number
      readonly failures: readonly RuleTestFailure[]
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }

export interface RuleTestFailure {
  /** `FILE:LINE:COLUMN` of what was expected. */
  readonly where: string
  readonly test: string
  /** `rule`, `action`, `evidence[0]`, … */
  readonly what: string
  readonly got: string
  readonly expected: string
}

/** Runs the tests of one file. Rules and patterns are those that it names, from its own directory on. */
export function runRuleTests(file: string, readFile: (path: string) => string): RuleTestReport {
  const text = readText(file, readFile)
  if (typeof text !== 'string') return { ok: false, problems: [text] }
  const reading = readOtherFile<RuleTestFile>(file, text, ruleTestFile)
  if (reading.value === undefined) return { ok: false, problems: reading.problems }
  const { rule_files, diagnosis_file, extra_features, mode, tests } = reading.value
  const features = [...patternFeatures(), ...extra_features]

  const problems: Problem[] = tests.flatMap((test, t) =>
    unknownFeatures(test, t, features).map((one) => reading.problem(one)),
  )
  const textAt = (path: string) => {
    const name = resolve(dirname(file), path)
    const found = readText(name, readFile)
    if (typeof found !== 'string') problems.push(found)
    return { name, text: typeof found === 'string' ? found : '' }
  }
  const texts = rule_files.map(textAt)
  const patternText = textAt(diagnosis_file ?? shipped('diagnosis.yaml'))
  if (problems.length > 0) return { ok: false, problems: sorted(problems) }

  const compiled = compileRules(texts, { features, mode, checkParameters })
  const patterns = compilePatternFile(patternText, features)
  if (!compiled.ok || !patterns.ok) {
    return { ok: false, problems: [compiled, patterns].flatMap((one) => (one.ok ? [] : one.problems)) }
  }
  const failures = tests.map((test, t): RuleTestFailure[] => {
    const facts = factsOf(test)
    const diagnosis = diagnose(facts, patterns.patterns)
    const progress = { step: test.step, ruleInForce: test.rule_in_force, repeated: test.repeated }
    const proposed = propose(compiled.rules, { ...facts, diagnosis }, progress)
    return differences(test, diagnosis, proposed).map(({ path, got, expected }) => {
      const { where } = reading.problem({ path: ['tests', t, 'expect', ...path], message: '' })
      return { where, test: test.name, what: formatPath(path), got, expected }
    })
  })
  const failed = failures.filter((one) => one.length > 0).length
  return { ok: true, count: tests.length, failed, failures: failures.flat() }
}

/** What the verdict is by the mode alone; guards may still refuse. */
const VERDICT_OF: Readonly<Record<Mode, DecisionVerdict>> = {
  observe: 'observe',
  suggest: 'observe',
  approve: 'ask',
  auto: 'execute',
}

interface Difference {
  readonly path: readonly (string | number)[]
  readonly got: string
  readonly expected: string
}

function differences({ expect }: RuleTest, diagnosis: Diagnosis, proposed: Proposed): Difference[] {
  const { proposal } = proposed
  const reason = proposed.proposal === undefined ? ` (${proposed.reason})` : ''
  const found: Difference[] = []
  const compare = (key: string, got: string, expected: string | undefined, note = '') => {
    if (expected !== undefined && got !== expected) found.push({ path: [key], got: `${got}${note}`, expected })
  }
  compare('rule', proposal?.rule ?? 'none', expect.rule, reason)
  compare('action', proposal?.action ?? 'none', expect.action, reason)
  compare('severity', proposal?.severity ?? 'none', expect.severity, reason)
  compare('verdict', proposal === undefined ? 'none' : VERDICT_OF[proposal.mode], expect.verdict, reason)
  compare('parameters', written(proposal?.parameters ?? {}), expect.parameters && written(expect.parameters))
  compare('cause', diagnosis.cause, expect.cause, ` (${diagnosis.confidence}: ${diagnosis.evidence.join('; ')})`)
  if (expect.confidence !== undefined && diagnosis.confidence < expect.confidence) {
    found.push({ path: ['confidence'], got: `${diagnosis.confidence}`, expected: `at least ${expect.confidence}` })
  }
  for (const [i, part] of (expect.evidence ?? []).entries()) {
    if (diagnosis.evidence.some((sentence) => sentence.includes(part))) continue
    found.push({ path: ['evidence', i], got: diagnosis.evidence.join('; '), expected: part })
  }
  return found
}

/** Keys in order, so that equal maps are equal texts. */
function written(parameters: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))))
}

function unknownFeatures(test: RuleTest, t: number, features: readonly string[]) {
  const named = [
    ...(['features', 'expected', 'shares'] as const).map((key) => ({ path: [key], values: test[key] })),
    ...test.observations.map((values, i) => ({ path: ['observations', i], values })),
  ]
  return named.flatMap(({ path, values }) =>
    Object.keys(values)
      .filter((name) => !features.includes(name))
      .map((name) => {
        const meant = didYouMean(name, features)
        const hint = meant === undefined ? 'list features of your own under extra_features' : `did you mean ${meant}?`
        return { path: ['tests', t, ...path, name], message: 'is not a known feature', hint, onKey: true }
      }),
  )
}
