import { type CrossCheck, crossChecks } from './cross-checks.ts'
import { explainIssues } from './explain.ts'
import type { ReceiverSchemas } from './notifications-schema.ts'
import { type Finding, formatPath, type Path, type Problem } from './problem.ts'
import { type Config, resolveConfig } from './resolve.ts'
import { salvage } from './salvage.ts'
import { schema, schemaWith } from './schema.ts'
import { type ConfigFlags, configFile, type Setting, settingsOf, type Variables } from './settings.ts'
import { type LocatedFinding, type Place, readYaml, type YamlReading } from './yaml-reader.ts'

export interface ConfigInput {
  readonly flags: ConfigFlags
  readonly env: Variables
  /** Reads a text file; may throw. */
  readonly readFile: (path: string) => string
  /** Checks that need to know more than `config/` does, such as the names of features. */
  readonly checks?: readonly CrossCheck<Config>[]
  /** The kinds of receivers that there are, with the schema of each one's section. */
  readonly receivers?: ReceiverSchemas
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config; readonly file: string | undefined }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly file: string | undefined }

/**
 * Reads the configuration: flags over environment over file over built-in defaults. Reports everything that is wrong
 * with it at once, in the order of the file, and never throws.
 */
export function loadConfig({ flags, env, readFile, checks = [], receivers }: ConfigInput): ConfigResult {
  const root = receivers === undefined ? schema : schemaWith(receivers)
  const file = configFile(flags, env)
  const settings = settingsOf(flags, env)
  const text = readText(file, readFile)
  if ('problem' in text) return { ok: false, problems: [text.problem], file }

  const yaml = readYaml(text.text)
  const locate = locator(file, settings, yaml)
  const found: (Finding | LocatedFinding)[] = [...yaml.findings]
  if (yaml.readable) {
    const input = withSettings(yaml.value ?? {}, settings)
    const checked = check(root, input, yaml.findings, file, checks)
    if (checked.findings.length === 0 && found.length === 0) return { ok: true, config: checked.config, file }
    found.push(...checked.findings)
  }
  const problems = found
    .map((finding) => {
      const { path, message, hint } = finding
      const { where, order } = 'place' in finding ? at(file, finding.place) : locate(finding)
      return { order, problem: { where, path: formatPath(path), message, hint } }
    })
    .sort((a, b) => a.order - b.order)
    .map(({ problem }) => problem)
  return { ok: false, problems, file }
}

function readText(
  file: string | undefined,
  readFile: (path: string) => string,
): { text: string } | { problem: Problem } {
  if (file === undefined) return { text: '' }
  try {
    return { text: readFile(file) }
  } catch (error) {
    return { problem: { where: file, path: '', ...unreadable((error as NodeJS.ErrnoException).code) } }
  }
}

function unreadable(code: string | undefined): { message: string; hint?: string } {
  switch (code) {
    case 'ENOENT':
      return {
        message: 'there is no such file',
        hint: 'without --config and HOMEOSTAT_CONFIG the built-in defaults hold',
      }
    case 'EACCES':
      return { message: 'may not be read', hint: 'check the permissions of the file and of its directories' }
    case 'EISDIR':
      return { message: 'is a directory', hint: 'name the file in it' }
    default:
      return { message: `cannot be read: ${code ?? 'unknown error'}` }
  }
}

/** The schema's findings, and what several keys together get wrong, as far as those keys are right by themselves. */
function check(
  root: typeof schema,
  input: unknown,
  refused: readonly Finding[],
  file: string | undefined,
  checks: readonly CrossCheck<Config>[],
) {
  const result = root.safeParse(input)
  const own = result.success ? [] : explainIssues(result.error.issues, input, root)
  const parsed = result.success ? result.data : salvage(input, root)
  const config = resolveConfig(parsed, file)
  const cross = [...crossChecks.flatMap((run) => [...run(parsed)]), ...checks.flatMap((run) => [...run(config)])]
  const wrong = [...refused, ...own].map(({ path }) => path)
  const sound = cross.filter(({ reads = [] }) => !reads.some((path) => wrong.some((other) => overlap(other, path))))
  return { config, findings: [...own, ...sound] }
}

/** Whether one path leads to, or through, the other. */
function overlap(a: Path, b: Path): boolean {
  const length = Math.min(a.length, b.length)
  return a.slice(0, length).every((key, i) => key === b[i])
}

function withSettings(input: unknown, settings: readonly Setting[]): unknown {
  for (const { path, value } of settings) {
    let parent = input
    for (const key of path.slice(0, -1)) parent = isRecord(parent) ? childOf(parent, String(key)) : undefined
    if (isRecord(parent)) parent[String(path.at(-1))] = value
  }
  return input
}

function childOf(parent: Record<string, unknown>, key: string): unknown {
  parent[key] ??= {}
  return parent[key]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

interface Location {
  readonly where: string
  readonly order: number
}

function at(file: string | undefined, { line, column }: Place): Location {
  return { where: `${file}:${line}:${column}`, order: line * 10_000 + Math.min(column, 9_999) }
}

/** Traces a finding to what was written: the value itself, a key it was concluded from, or what is around it. */
function locator(file: string | undefined, settings: readonly Setting[], yaml: YamlReading) {
  return ({ path, onKey, reads = [] }: Finding): Location => {
    const around = path.map((_, i) => path.slice(0, path.length - i)).slice(1)
    for (const candidate of [path, ...reads, ...around]) {
      const setting = settings.find((one) => formatPath(one.path) === formatPath(candidate))
      if (setting !== undefined) return { where: setting.origin, order: 0 }
      const place = yaml.locate(candidate, onKey ? 'key' : 'value')
      if (place !== undefined) return at(file, place)
    }
    return { where: file ?? 'configuration', order: 0 }
  }
}
