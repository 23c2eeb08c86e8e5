import type { z } from 'zod'
import type { Path } from './problem.ts'
import { schema } from './schema.ts'

/** One key of the configuration as its reader sees it. */
export interface DocumentedKey {
  /** `source.prometheus.url`; entries of a list as `features.extra[].name`. */
  readonly path: string
  readonly key: string
  readonly description: string
  /** What a value looks like; empty for a section. */
  readonly notation: string
  /** A value as one would write it; undefined where `default` shows enough. */
  readonly example: string | undefined
  /** As one would write it; undefined where there is none. */
  readonly default: unknown
  /** May stay away; a section may do so with all its keys. */
  readonly optional: boolean
  readonly children: readonly DocumentedKey[]
}

/** All keys, parents before children, in the order of the file. @param root the schema; the configuration's by default */
export function documentedKeys(root: z.core.$ZodType = schema): readonly DocumentedKey[] {
  const flatten = (keys: readonly DocumentedKey[]): DocumentedKey[] =>
    keys.flatMap((key) => [key, ...flatten(key.children)])
  return flatten(keyTree(root))
}

const trees = new WeakMap<z.core.$ZodType, readonly DocumentedKey[]>()

/** The top-level keys with all that is below them. */
export function keyTree(root: z.core.$ZodType = schema): readonly DocumentedKey[] {
  const known = trees.get(root)
  if (known !== undefined) return known
  const tree = keysOf(root, '')
  trees.set(root, tree)
  return tree
}

/** Names of the keys that may stand in the section at a path. */
export function childKeys(path: Path, root: z.core.$ZodType = schema): readonly string[] {
  let type: z.core.$ZodType | undefined = root
  for (const key of path) {
    if (type === undefined) return []
    const { object, element }: Facts = unwrap(inside(type))
    type = typeof key === 'number' ? element : object?._zod.def.shape[key]
  }
  const { object } = type === undefined ? {} : unwrap(inside(type))
  return Object.keys(object?._zod.def.shape ?? {})
}

/** What a type that refers to itself refers to; such a type is not followed in the tree of keys. */
function inside(type: z.core.$ZodType): z.core.$ZodType {
  const { def } = (type as z.core.$ZodTypes)._zod
  return def.type === 'lazy' ? def.getter() : type
}

function keysOf(type: z.core.$ZodType, prefix: string): DocumentedKey[] {
  const { object } = unwrap(type)
  if (object === undefined) return []
  return Object.entries(object._zod.def.shape).map(([key, child]) => {
    const facts = unwrap(child)
    const path = prefix === '' ? key : `${prefix}.${key}`
    const children = facts.element === undefined ? keysOf(child, path) : keysOf(facts.element, `${path}[]`)
    const { description = '', notation = '', example, default: fallback, optional } = facts
    return { path, key, description, notation, example, default: fallback, optional, children }
  })
}

interface Facts {
  description?: string
  notation?: string
  example?: string
  default?: unknown
  optional: boolean
  object?: z.core.$ZodObject
  element?: z.core.$ZodType
}

/** Takes the wrappers off a type (default, optional, preprocessing) and collects what they say. */
function unwrap(type: z.core.$ZodType): Facts {
  const facts: Facts = { optional: false }
  let next: z.core.$ZodType | undefined = type
  while (next !== undefined) {
    const { description, notation, example } = metaOf(next)
    facts.description ??= description
    facts.notation ??= notation
    facts.example ??= example
    next = step(next as z.core.$ZodTypes, facts)
  }
  return facts
}

function step(type: z.core.$ZodTypes, facts: Facts): z.core.$ZodType | undefined {
  const { def } = type._zod
  switch (def.type) {
    case 'default':
    case 'prefault':
      facts.default = def.defaultValue
      return def.innerType
    case 'optional':
      facts.optional = true
      return def.innerType
    case 'nullable':
      return def.innerType
    case 'pipe':
      return def.out
    case 'object':
      facts.object = type as z.core.$ZodObject
      return undefined
    case 'array':
      facts.element = def.element
      return undefined
    default:
      return undefined
  }
}

type Words = Pick<Facts, 'description' | 'notation' | 'example'>

function metaOf(type: z.core.$ZodType): Words {
  return ((type as z.ZodType).meta() ?? {}) as Words
}
