import type { z } from 'zod'
import { didYouMean } from './did-you-mean.ts'
import { kindOf } from './fields.ts'
import type { Finding, Path } from './problem.ts'
import { childKeys, documentedKeys } from './schema-tree.ts'

type Issue = z.core.$ZodIssue

/**
 * Says in words what zod found; one finding for each unknown key.
 *
 * @param root the schema that found it; the configuration's by default
 */
export function explainIssues(issues: readonly Issue[], input: unknown, root?: z.core.$ZodType): readonly Finding[] {
  return issues.flatMap((issue): Finding | Finding[] => {
    const path = issue.path as Path
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, root))
    return { path, ...explain(issue, valueAt(input, path)) }
  })
}

function explain(issue: Issue, value: unknown): { message: string; hint?: string } {
  switch (issue.code) {
    case 'custom':
      return { message: issue.message, hint: issue.params?.hint }
    case 'invalid_type':
      return invalidType(issue.expected, value)
    case 'too_small':
      if (issue.origin === 'array') return { message: `must have ${issue.minimum} or more entries` }
      return { message: `must be at least ${issue.minimum}, not ${String(value)}` }
    case 'too_big':
      if (issue.origin === 'array') return { message: `must have ${issue.maximum} or fewer entries` }
      return { message: `must be at most ${issue.maximum}, not ${String(value)}` }
    default:
      return { message: issue.message }
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  object: 'a section with keys of its own',
  record: 'a section with keys of its own',
  array: 'a list',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  string: 'a text',
}

function invalidType(expected: string, value: unknown): { message: string; hint?: string } {
  const wanted = EXPECTED[expected] ?? expected
  if (value === undefined) return { message: 'is missing', hint: `expected ${wanted}` }
  const actual = typeof value === 'number' && EXPECTED[expected]?.endsWith('number') ? String(value) : kindOf(value)
  const hints: Readonly<Record<string, string>> = {
    array: 'for example [a, b]',
    number: typeof value === 'string' && Number.isFinite(Number(value)) ? 'remove the quotes' : '',
    int: typeof value === 'string' && Number.isInteger(Number(value)) ? 'remove the quotes' : '',
    boolean: typeof value === 'string' ? 'write true or false' : '',
  }
  return { message: `must be ${wanted}, not ${actual}`, hint: hints[expected] || undefined }
}

/** Keys that people look for here because other programs have them. */
const SECRET_KEYS: Readonly<Record<string, string>> = {
  password: 'password_file or password_env',
  credentials: 'credentials_file or credentials_env',
  bearer_token: 'authorization.credentials_file or authorization.credentials_env',
  bearer_token_file: 'authorization.credentials_file',
  token: 'authorization.credentials_file or authorization.credentials_env',
}

function unknownKey(path: Path, key: string, root: z.core.$ZodType | undefined): Finding {
  return { path: [...path, key], message: 'is not a known key', hint: hintForKey(path, key, root), onKey: true }
}

function hintForKey(path: Path, key: string, root: z.core.$ZodType | undefined): string {
  const siblings = childKeys(path, root)
  const references = siblings.filter((sibling) => sibling.startsWith(`${key}_`) && /_(file|env)$/.test(sibling))
  const own = references.length === 0 ? undefined : references.join(' or ')
  const instead = Object.hasOwn(SECRET_KEYS, key) ? (own ?? SECRET_KEYS[key]) : undefined
  if (instead !== undefined) return `secrets never stand in this file: use ${instead}`
  const meant = didYouMean(key, siblings)
  if (meant !== undefined) return `did you mean ${meant}?`
  const elsewhere = documentedKeys(root).find(({ path: known }) => known.split('.').at(-1) === key)
  if (elsewhere !== undefined) return `there is ${elsewhere.path}: wrong indentation?`
  return siblings.length === 0 ? 'no key is known here' : `known here: ${siblings.join(', ')}`
}

/** What the input holds at a path; undefined where it holds nothing. */
export function valueAt(input: unknown, path: Path): unknown {
  let value = input
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string | number, unknown>)[key]
  }
  return value
}
