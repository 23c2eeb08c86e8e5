import { Environment } from '@marcbachmann/cel-js'
import { RE2JS } from 're2js'
import { DETECTORS } from '../domain/verdict.ts'
import { type Condition, conditionOf, MATCHES } from './condition.ts'
import { canonical, keyRead, literal, type Tree, walk } from './tree.ts'

/** What is wrong with a condition. */
export interface Fault {
  readonly message: string
  readonly hint?: string
  /** Characters from the beginning of the condition to what is wrong. */
  readonly offset: number
  /** A name that does not exist, and those that do: for whoever guesses what was meant. */
  readonly unknown?: { readonly name: string; readonly known: readonly string[] }
}

export type Compiled =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly fault: Fault }

/** The language of conditions: CEL over what is known of a target. */
export interface Language {
  /** Parses and checks; the result must be true or false. */
  compile(source: string): Compiled
}

/** Numbers that are no features. Where nobody knows one, it is NaN. */
const NUMBERS = ['level', 'severity', 'score', 'peers_anomalous', 'peers_size'] as const
const TEXTS = ['target', 'group'] as const
const LIMITS = { maxAstNodes: 1000, maxDepth: 50, maxListElements: 200 }
/** Longer ones are mistakes or attacks. */
const MAX_CHARACTERS = 4000

/** Names of the language itself, which a feature cannot take. */
export const OWN_NAMES: ReadonlySet<string> = new Set([
  ...NUMBERS,
  ...TEXTS,
  'confidence',
  'cause',
  'anomaly',
  'alerts',
  'labels',
  'detectors',
])

/**
 * @param features the features that may be named; each is a double
 * @param words texts with a closed set of values, such as `cause`; with them come the numbers of the diagnosis
 */
export function createLanguage(
  features: readonly string[],
  words: Readonly<Record<string, readonly string[]>> = {},
): Language {
  const diagnosed = Object.keys(words).length > 0
  const numbers = [...NUMBERS, ...(diagnosed ? ['confidence'] : [])]
  const usable = features.filter((name) => !OWN_NAMES.has(name))
  const patterns = new Map<string, RE2JS>()
  const environment = declare([...numbers, ...usable], Object.keys(words), patterns)
  const known = [...numbers, ...TEXTS, ...Object.keys(words), ...usable, 'anomaly', 'alerts', 'labels', 'detectors']

  return {
    compile(source) {
      if (source.length > MAX_CHARACTERS) {
        return fault(0, `is longer than ${MAX_CHARACTERS} characters`, 'make several rules of it')
      }
      const checked = environment.check(source)
      if (!checked.valid) return { ok: false, fault: explain(checked.error, known) }
      if (String(checked.type) !== 'bool') {
        return fault(0, `gives a ${checked.type}, not true or false`, 'compare it, for example level > 2')
      }
      const tree = environment.parse(source).ast
      const wrong = faultIn(tree, words, patterns)
      if (wrong !== undefined) return { ok: false, fault: wrong }
      const isNumber = new Set([...numbers, ...usable])
      return { ok: true, condition: conditionOf(source, tree, (text) => environment.parse(text), isNumber) }
    },
  }
}

function declare(numbers: readonly string[], texts: readonly string[], patterns: ReadonlyMap<string, RE2JS>) {
  const environment = new Environment({ limits: LIMITS })
  for (const name of numbers) {
    try {
      environment.registerVariable(name, 'double')
    } catch {
      // A feature may have a name that CEL keeps for itself, such as `package`: a condition cannot name it.
    }
  }
  for (const name of [...TEXTS, ...texts]) environment.registerVariable(name, 'string')
  environment.registerVariable('anomaly', 'bool')
  environment.registerVariable('alerts', 'list<string>')
  environment.registerVariable('labels', 'map<string, string>')
  environment.registerVariable('detectors', 'map<string, double>')
  // CEL orders doubles and whole numbers, but neither compares them for equality nor computes with both.
  environment.registerOperator('double == int', (a, b) => a === Number(b))
  for (const [sign, compute] of Object.entries(ARITHMETIC)) {
    environment.registerOperator(`double ${sign} int`, (a, b) => compute(a, Number(b)))
    environment.registerOperator(`int ${sign} double`, (a, b) => compute(Number(a), b))
  }
  environment.registerFunction(`string.${MATCHES}(string): bool`, (text: string, pattern: string) => {
    return patterns.get(pattern)?.test(text) ?? false
  })
  return environment
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
}

function fault(offset: number, message: string, hint?: string): Compiled {
  return { ok: false, fault: { message, hint, offset } }
}

/** What CEL has to say, in one line and with what to do. */
function explain(error: unknown, known: readonly string[]): Fault {
  const { summary, range, message } = error as { summary?: string; range?: { start: number }; message?: string }
  const text = (summary ?? message ?? String(error)).split('\n')[0]
  const offset = range?.start ?? 0
  const name = /^Unknown variable: (\w+)/.exec(text)?.[1]
  if (name !== undefined) return { message: `${name} is not known`, offset, unknown: { name, known } }
  return { message: text, hint: hintFor(text), offset }
}

function hintFor(text: string): string | undefined {
  if (/^no such overload: bool (&&|\|\|)|&&|\|\|/.test(text)) return 'both sides must be true or false'
  if (text.includes('list<string>')) return 'for example "HighCpu" in alerts'
  if (/double|int/.test(text) && /string/.test(text)) return 'a number and a text cannot be compared'
  if (text.startsWith('no such overload')) return 'the two do not go together'
  return undefined
}

/** What CEL itself does not look at: words, keys of `detectors`, patterns. */
function faultIn(
  tree: Tree,
  words: Readonly<Record<string, readonly string[]>>,
  patterns: Map<string, RE2JS>,
): Fault | undefined {
  let found: Fault | undefined
  walk(tree, (part) => {
    found ??= wordFault(part, words) ?? detectorFault(part) ?? patternFault(part, patterns)
  })
  return found
}

/** `cause == "cpu_saturaton"` can never be true. */
function wordFault(part: Tree, words: Readonly<Record<string, readonly string[]>>): Fault | undefined {
  if (part.op !== '==' && part.op !== '!=' && part.op !== 'in') return undefined
  const [left, right] = part.args
  for (const [one, other] of [
    [left, right],
    [right, left],
  ]) {
    if (one.op !== 'id' || !Object.hasOwn(words, one.args)) continue
    const known = words[one.args]
    for (const word of other.op === 'list' ? other.args : [other]) {
      const value = literal(word)
      if (typeof value !== 'string' || known.includes(value)) continue
      const message = `there is no ${one.args} ${JSON.stringify(value)}`
      return { message, offset: word.start, unknown: { name: value, known } }
    }
  }
  return undefined
}

function detectorFault(part: Tree): Fault | undefined {
  const known: readonly string[] = DETECTORS
  if ((part.op === '.' || part.op === '[]') && part.args[0].op === 'id' && part.args[0].args === 'detectors') {
    const name = keyRead(part, 'detectors')
    if (name !== undefined && known.includes(name)) return undefined
    const message = `there is no detector ${name ?? canonical(part)}`
    return { message, offset: part.start, unknown: { name: name ?? '', known } }
  }
  return undefined
}

function patternFault(part: Tree, patterns: Map<string, RE2JS>): Fault | undefined {
  if (part.op !== 'rcall' || part.args[0] !== 'matches') return undefined
  const [argument] = part.args[2]
  const pattern = literal(argument)
  if (typeof pattern !== 'string') {
    return { message: 'the pattern of matches must stand there itself', hint: 'a text in quotes', offset: part.start }
  }
  const compiled = compilePattern(pattern)
  if ('message' in compiled) return { ...compiled, offset: argument.start }
  patterns.set(pattern, compiled.pattern)
  return undefined
}

/** Compiles an RE2 pattern: no backreference, no look-around, time linear in the text. */
export function compilePattern(
  source: string,
): { readonly pattern: RE2JS } | { readonly message: string; readonly hint: string } {
  try {
    return { pattern: RE2JS.compile(source) }
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
    return {
      message: `is not an RE2 pattern: ${why}`,
      hint: 'RE2 has neither backreferences nor look-around',
    }
  }
}
