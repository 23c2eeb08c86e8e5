import { fileURLToPath } from 'node:url'
import type { Problem } from '../config/problem.ts'
import type { Config } from '../config/resolve.ts'
import type { Rules } from '../decide/rules/rule.ts'
import type { Patterns } from '../diagnose/patterns.ts'
import { parameterCheck } from './action-parameters.ts'
import { patternFeatures, ruleFeatures } from './rule-features.ts'
import { compilePatternFile, compileRules, type NamedText } from './rule-files.ts'

/** What diagnosis and decisions go by. */
export interface RuleBook {
  readonly rules: Rules
  readonly patterns: Patterns
}

/** A problem, and the key of the configuration that led to it. */
export interface RuleProblem extends Problem {
  readonly key: readonly (string | number)[]
}

type ReadFile = (path: string) => string

const SHIPPED = new URL('../../rules/', import.meta.url)

/** Path of a file that comes with the program: it stands beside both `src` and `dist`. */
export function shipped(name: string): string {
  return fileURLToPath(new URL(name, SHIPPED))
}

/** Built-in rules for hosts where the preset is one of hosts, and for services. */
function shippedRules({ features }: Config): readonly string[] {
  return features.preset === 'generic' || features.preset === 'red'
    ? [shipped('services.yaml')]
    : [shipped('hosts.yaml'), shipped('services.yaml')]
}

/** The rules and patterns that the configuration names, or the built-in ones. @param readFile may throw */
export function loadRuleBook(
  config: Config,
  readFile: ReadFile,
): { readonly ok: true; readonly book: RuleBook } | { readonly ok: false; readonly problems: readonly RuleProblem[] } {
  const { rules: files, diagnosis, mode } = config.remediation
  const paths = files.length === 0 ? shippedRules(config) : files
  const problems: RuleProblem[] = []
  const texts: NamedText[] = []
  const keys = new Map<string, RuleProblem['key']>()
  for (const [i, name] of paths.entries()) {
    const key = files.length === 0 ? ['remediation', 'rules'] : ['remediation', 'rules', i]
    const text = readText(name, readFile)
    if (typeof text !== 'string') problems.push({ ...text, key })
    else if (keys.has(name)) problems.push({ ...told(name, 'is listed twice', 'keep one of them'), key })
    else {
      keys.set(name, key)
      texts.push({ name, text })
    }
  }
  const compiled = compileRules(texts, {
    features: ruleFeatures(config),
    mode,
    checkParameters: parameterCheck(config),
  })
  if (!compiled.ok) {
    const keyOf = ({ where }: Problem) =>
      [...keys].find(([name]) => where === name || where.startsWith(`${name}:`))?.[1]
    problems.push(...compiled.problems.map((one) => ({ ...one, key: keyOf(one) ?? ['remediation', 'rules'] })))
  }

  const key = ['remediation', 'diagnosis']
  const name = diagnosis ?? shipped('diagnosis.yaml')
  const text = readText(name, readFile)
  const patterns = typeof text === 'string' ? compilePatternFile({ name, text }, patternFeatures(config)) : undefined
  if (typeof text !== 'string') problems.push({ ...text, key })
  if (patterns?.ok === false) problems.push(...patterns.problems.map((one) => ({ ...one, key })))

  if (problems.length > 0 || !compiled.ok || !patterns?.ok) return { ok: false, problems }
  return { ok: true, book: { rules: compiled.rules, patterns: patterns.patterns } }
}

/** The text, or why it cannot be had. */
export function readText(name: string, readFile: ReadFile): string | Problem {
  try {
    return readFile(name)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return told(name, 'there is no such file', 'the path counts from the configuration file')
    return told(name, `cannot be read: ${code ?? 'unknown error'}`, 'check its permissions')
  }
}

function told(where: string, message: string, hint: string): Problem {
  return { where, path: '', message, hint }
}
