import { RE2JS } from 're2js'
import type { Matcher } from '../domain/feature.ts'
import { finding } from './finding.ts'
import type { Finding } from './problem.ts'

/** Values that only a matcher for everything takes together. */
const PROBES = ['x', '0', '~ anything ~', 'web-1:9100']

/** An empty selector, or one that takes every target that has the label, names nothing: that means no target, never all. */
export function* selectorIsNarrow(matchers: readonly Matcher[], path: string): Iterable<Finding> {
  if (matchers.some(isNarrow)) return
  const hint = `name the targets: '{job="node", instance="web-1:9100"}'`
  yield finding(`${path}.match`, 'matches every target', hint)
}

function isNarrow({ op, value }: Matcher): boolean {
  if (op === '=') return value !== ''
  if (op !== '=~') return false
  const regex = RE2JS.compile(value)
  return !regex.matches('') && !PROBES.every((probe) => regex.matches(probe))
}
