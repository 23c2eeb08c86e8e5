import { RE2JS } from 're2js'
import type { Matcher } from '../../domain/feature.ts'

export type LabelTest = (labels: Readonly<Record<string, string>>) => boolean

/**
 * Compiles matchers with PromQL's meaning: a missing label counts as the empty string, regular expressions are RE2 and
 * match the whole value.
 *
 * @throws {Error} when a regular expression cannot be compiled
 */
export function labelScope(matchers: readonly Matcher[]): LabelTest {
  const tests = matchers.map(labelTest)
  return (labels) => tests.every((test) => test(labels))
}

function labelTest({ label, op, value }: Matcher): LabelTest {
  const textOf = (labels: Readonly<Record<string, string>>) => (Object.hasOwn(labels, label) ? labels[label] : '')
  if (op === '=') return (labels) => textOf(labels) === value
  if (op === '!=') return (labels) => textOf(labels) !== value
  const regex = RE2JS.compile(value)
  return (labels) => regex.matches(textOf(labels)) === (op === '=~')
}
