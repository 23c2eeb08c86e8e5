import { RE2JS } from 're2js'
import type { Matcher } from '../domain/feature.ts'

/** What is wrong with a selector, for people. */
export interface MatchersProblem {
  readonly problem: string
}

const MATCHER = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')\s*/y

/**
 * Reads a PromQL label selector such as `{job="node", instance=~"web-.*"}`; empty text and `{}` match everything.
 * Regular expressions must be RE2, as in Prometheus: no backreferences, no look-around.
 */
export function parseMatchers(text: string): readonly Matcher[] | MatchersProblem {
  const trimmed = text.trim()
  if (trimmed === '') return []
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return { problem: 'a selector stands in braces' }
  const body = trimmed.slice(1, -1)
  const matchers: Matcher[] = []
  let at = 0
  while (body.slice(at).trim() !== '') {
    MATCHER.lastIndex = at
    const match = MATCHER.exec(body)
    if (match === null) return { problem: `cannot be read from ${JSON.stringify(body.slice(at, at + 40))} on` }
    const [, label, op, quoted] = match
    const value = unquote(quoted)
    if (value === undefined) return { problem: `the value of ${label} has an escape that PromQL does not know` }
    if ((op === '=~' || op === '!~') && !isRe2(value)) {
      return { problem: `${JSON.stringify(value)} is no regular expression of Prometheus (RE2)` }
    }
    matchers.push({ label, op: op as Matcher['op'], value })
    at = MATCHER.lastIndex
    if (at === body.length) break
    if (body[at] !== ',') return { problem: `expected a comma before ${JSON.stringify(body.slice(at, at + 40))}` }
    at += 1
  }
  return matchers
}

/** The text of a quoted PromQL string, or undefined for an escape other than `\\`, `\"`, `\'`, `\n`, `\t`, `\r`. */
function unquote(quoted: string): string | undefined {
  const escapes: Readonly<Record<string, string>> = { '\\': '\\', '"': '"', "'": "'", n: '\n', t: '\t', r: '\r' }
  let known = true
  const text = quoted.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => {
    known &&= Object.hasOwn(escapes, letter)
    return escapes[letter] ?? ''
  })
  return known ? text : undefined
}

function isRe2(source: string): boolean {
  try {
    RE2JS.compile(source)
    return true
  } catch {
    return false
  }
}
