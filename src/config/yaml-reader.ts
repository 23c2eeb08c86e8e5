import { isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml'
import type { Finding, Path } from './problem.ts'

/** Far more than a configuration needs; deeper or longer ones are mistakes or attacks. */
const MAX_DEPTH = 16
const MAX_CHARACTERS = 1024 * 1024

export interface YamlReading {
  /** Plain objects, arrays and scalars; what was refused is left out. */
  readonly value: unknown
  readonly findings: readonly LocatedFinding[]
  /** Whether the text has the structure of YAML at all; if not, `value` is undefined. */
  readonly readable: boolean
  /** Where the value at a path was written, or its key; undefined where nothing was. */
  locate(path: Path, part: 'key' | 'value'): Place | undefined
}

export interface LocatedFinding extends Finding {
  readonly place: Place
}

/** Both count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/**
 * Reads the plain part of YAML 1.2: maps with text keys, lists and scalars. Tags, anchors and aliases, merge keys and
 * repeated keys are refused: each of them makes a file mean something else than what it looks like.
 */
export function readYaml(text: string): YamlReading {
  const lines = new LineCounter()
  const findings: LocatedFinding[] = []
  const offsets = { key: new Map<string, number>(), value: new Map<string, number>() }
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const refuse = (path: Path, offset: number, message: string, hint?: string) =>
    findings.push({ path, message, hint, place: placeOf(offset) })
  const unreadable = { value: undefined, findings, readable: false, locate: () => undefined }

  if (text.length > MAX_CHARACTERS) {
    refuse([], 0, 'is larger than 1 MiB', 'a configuration has a few hundred lines: is this the right file?')
    return unreadable
  }
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false, merge: false, schema: 'core' } as const
  const document = parseDocument(text, { ...options, logLevel: 'error' })
  for (const error of document.errors) {
    if (error.code === 'MULTIPLE_DOCS')
      refuse([], error.pos[0], 'begins a second document', 'a configuration is one document')
    else refuse([], error.pos[0], `is not valid YAML: ${firstLine(error.message)}`)
  }
  if (document.errors.length > 0) return unreadable

  const convert = (node: ParsedNode | null, path: Path): unknown => {
    if (node === null) return null
    const start = node.range[0]
    offsets.value.set(JSON.stringify(path), start)
    if (isAlias(node)) {
      refuse(path, start, 'is an alias', 'anchors and aliases are not supported: write the value out')
      return undefined
    }
    if (node.tag !== undefined) {
      refuse(path, start, `has the tag ${node.tag}`, 'tags such as !!str or !!js/function are not supported')
      return undefined
    }
    if (path.length > MAX_DEPTH) {
      refuse(path, start, `is nested deeper than ${MAX_DEPTH} levels`)
      return undefined
    }
    if (isScalar(node)) return node.value
    if (isSeq(node)) return node.items.map((item, i) => convert(item as ParsedNode, [...path, i]))
    return isMap(node) ? convertMap(node.items as MapItem[], path) : undefined
  }

  const convertMap = (items: readonly MapItem[], path: Path): Record<string, unknown> => {
    const seen = new Map<string, number>()
    const object: Record<string, unknown> = {}
    for (const { key, value } of items) {
      const start = key?.range[0] ?? 0
      if (!isScalar(key) || typeof key.value !== 'string') {
        refuse(path, start, 'has a key that is not a text', 'put the key in quotes if it is meant')
        continue
      }
      const name = key.value
      const keyPath = [...path, name]
      const first = seen.get(name)
      if (first !== undefined) {
        refuse(keyPath, start, `is given twice, first on line ${placeOf(first).line}`, 'keep one of them')
      } else if (FORBIDDEN_KEYS.has(name)) {
        refuse(path, start, `has the key ${JSON.stringify(name)}`, FORBIDDEN_KEYS.get(name))
      } else {
        seen.set(name, start)
        offsets.key.set(JSON.stringify(keyPath), start)
        const converted = convert(value, keyPath)
        if (converted !== undefined) object[name] = converted
      }
    }
    return object
  }

  const value = convert(document.contents, [])
  const locate: YamlReading['locate'] = (path, part) => {
    const offset = offsets[part].get(JSON.stringify(path)) ?? offsets.key.get(JSON.stringify(path))
    return offset === undefined ? undefined : placeOf(offset)
  }
  return { value, findings, readable: true, locate }
}

interface MapItem {
  readonly key: ParsedNode | null
  readonly value: ParsedNode | null
}

const FORBIDDEN_KEYS: ReadonlyMap<string, string> = new Map([
  ['<<', 'merge keys are not supported: write the keys out'],
  ['__proto__', 'this name is reserved'],
  ['constructor', 'this name is reserved'],
  ['prototype', 'this name is reserved'],
])

function firstLine(text: string): string {
  return text.split('\n', 1)[0]
}
