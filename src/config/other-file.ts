import type { z } from 'zod'
import { explainIssues } from './explain.ts'
import { type Finding, formatPath, type Path, type Problem } from './problem.ts'
import { type LocatedFinding, readYaml, type YamlReading } from './yaml-reader.ts'

/** A file beside the configuration, such as one of rules: strict YAML under a schema. */
export interface FileReading<T> {
  /** Undefined where the file does not fit its schema. */
  readonly value: T | undefined
  readonly problems: readonly Problem[]
  /** Makes a problem of what somebody else finds wrong with a value that stands in the file. */
  problem(finding: Finding, within?: TextOffset): Problem
}

/** Where in a text that is a value of the file. */
export interface TextOffset {
  readonly text: string
  readonly offset: number
}

/** Reads a file and says everything that is wrong with it, in the order of the file. */
export function readOtherFile<T>(name: string, text: string, schema: z.ZodType<T>): FileReading<T> {
  const yaml = readYaml(text)
  const problem: FileReading<T>['problem'] = (finding, within) => problemAt(name, text, yaml, finding, within)
  const refused = yaml.findings.map((finding) => problem(finding))
  if (!yaml.readable) return { value: undefined, problems: refused, problem }
  const result = schema.safeParse(yaml.value ?? {})
  const own = result.success ? [] : explainIssues(result.error.issues, yaml.value, schema)
  const problems = [...refused, ...own.map((finding) => problem(finding))]
  return {
    value: result.success && refused.length === 0 ? result.data : undefined,
    problems: sorted(problems),
    problem,
  }
}

function problemAt(
  name: string,
  text: string,
  yaml: YamlReading,
  finding: Finding | LocatedFinding,
  within?: TextOffset,
): Problem {
  const { path, message, hint, onKey } = finding
  const place = 'place' in finding ? finding.place : nearest(yaml, path, onKey ? 'key' : 'value')
  const inner = place !== undefined && within !== undefined ? placeWithin(text, place, within) : place
  const where = inner === undefined ? name : `${name}:${inner.line}:${inner.column}`
  return { where, path: formatPath(path), message, hint }
}

/** Where a value was written, or what is around it. */
function nearest(yaml: YamlReading, path: Path, part: 'key' | 'value') {
  for (let length = path.length; length > 0; length--) {
    const place = yaml.locate(path.slice(0, length), length === path.length ? part : 'value')
    if (place !== undefined) return place
  }
  return undefined
}

/** The place of a character of a value, as exactly as YAML's ways of writing a text let it be told. */
function placeWithin(text: string, place: { line: number; column: number }, { text: value, offset }: TextOffset) {
  const lines = text.split('\n')
  const written = lines[place.line - 1].slice(place.column - 1)
  const before = value.slice(0, offset).split('\n')
  if (written.startsWith('|')) {
    const indent = lines[place.line]?.search(/\S/) ?? 0
    const column = Math.max(indent, 0) + before[before.length - 1].length + 1
    return { line: place.line + before.length, column }
  }
  if (written.startsWith(value)) return { line: place.line, column: place.column + offset }
  if (/^["']/.test(written) && written.slice(1).startsWith(value)) {
    return { line: place.line, column: place.column + 1 + offset }
  }
  return place
}

/** In the order of the file. */
export function sorted(problems: readonly Problem[]): Problem[] {
  const order = ({ where }: Problem) => {
    const [, line = '0', column = '0'] = /:(\d+):(\d+)$/.exec(where) ?? []
    return Number(line) * 10_000 + Math.min(Number(column), 9_999)
  }
  return [...problems].sort((a, b) => order(a) - order(b))
}
