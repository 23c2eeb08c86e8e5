import { RE2JS } from 're2js'
import type { Matcher } from '../domain/feature.ts'

/** Says whether a label set passes; a missing label counts as the empty string. */
export type LabelTest = (labels: Readonly<Record<string, string>>) => boolean

/** Verdicts kept per matcher; mount points and container devices come and go for ever. */
const REMEMBERED_VALUES = 10_000

/**
 * Compiles matchers with PromQL's meaning. Regular expressions run in linear time (RE2), and each label value is
 * judged once.
 *
 * @throws {RangeError} when a regular expression cannot be compiled
 */
export function compileMatchers(matchers: readonly Matcher[]): LabelTest {
  const tests = matchers.map(compileMatcher)
  return (labels) => tests.every((test) => test(labels))
}

function compileMatcher({ label, op, value }: Matcher): LabelTest {
  switch (op) {
    case '=':
      return (labels) => (labels[label] ?? '') === value
    case '!=':
      return (labels) => (labels[label] ?? '') !== value
    default: {
      const matches = remembered(compileRegex(value))
      const wanted = op === '=~'
      return (labels) => matches(labels[label] ?? '') === wanted
    }
  }
}

function compileRegex(source: string): (text: string) => boolean {
  try {
    const regex = RE2JS.compile(source)
    return (text) => regex.matches(text)
  } catch (cause) {
    throw new RangeError(`not a regular expression that Prometheus accepts: ${JSON.stringify(source)}`, { cause })
  }
}

function remembered(test: (text: string) => boolean): (text: string) => boolean {
  const verdicts = new Map<string, boolean>()
  return (text) => {
    let verdict = verdicts.get(text)
    if (verdict === undefined) {
      if (verdicts.size >= REMEMBERED_VALUES) verdicts.clear()
      verdict = test(text)
      verdicts.set(text, verdict)
    }
    return verdict
  }
}
