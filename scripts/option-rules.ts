/** What the program can be told: the words that documents may use for it, and must. */
export interface Options {
  /** Each command, with the long options of it and of the commands below it. */
  readonly commands: Readonly<Record<string, readonly string[]>>
  /** Keys of the configuration, `source.prometheus.url`. */
  readonly keys: readonly string[]
  /** Environment variables that are read. */
  readonly variables: readonly string[]
  /** Variables that documents may name besides: examples of names, and what the tests read. */
  readonly otherVariables: readonly string[]
}

export interface Document {
  readonly name: string
  readonly text: string
}

/** Where each kind of option has its reference. */
const COMMANDS = 'docs/cli.md'
const KEYS = 'docs/configuration.md'
/** Every command that reads a configuration has them, and the head of docs/cli.md tells of them. */
const COMMON = ['--config', '--data-dir', '--log-level', '--help']
const FILE_NAME = /\.(csv|css|html|js|json|jsonl|md|py|sh|ts|tsx|yaml|yml)$/

/** @returns what is documented and does not exist, and what exists and is not documented, a line each */
export function optionProblems(options: Options, documents: readonly Document[]): string[] {
  const reference = (name: string) => documents.find((document) => document.name === name)?.text ?? ''
  return [
    ...commandProblems(options.commands, reference(COMMANDS)),
    ...documents.flatMap((document) => usageProblems(options.commands, document)),
    ...undocumented(
      'key',
      options.keys.map((key) => `\`${key}\``),
      KEYS,
      reference(KEYS),
    ),
    ...documents.flatMap((document) => keyProblems(options.keys, document)),
    ...undocumented('variable', options.variables, KEYS, reference(KEYS)),
    ...documents.flatMap((document) => variableProblems(options, document)),
  ]
}

function undocumented(what: string, names: readonly string[], where: string, text: string): string[] {
  return names.filter((name) => !text.includes(name)).map((name) => `${where}: the ${what} ${name} is not documented`)
}

const optionsIn = (text: string) => [...text.matchAll(/(?<![\w-])--[a-z][\w.-]*\w/g)].map(([option]) => option)

/** Holds each section of docs/cli.md against its command. */
function commandProblems(commands: Options['commands'], text: string): string[] {
  const sections = new Map(
    text.split(/^## /m).map((section) => [section.slice(0, section.indexOf('\n')).trim(), section] as const),
  )
  return Object.entries(commands).flatMap(([command, options]) => {
    const section = sections.get(command)
    if (section === undefined) return [`${COMMANDS}: the command ${command} is not documented`]
    const told = new Set(optionsIn(section))
    const missing = options.filter((option) => !told.has(option) && !COMMON.includes(option))
    return missing.map((option) => `${COMMANDS}: the option ${option} of ${command} is not documented`)
  })
}

/** Options behind `homeostat COMMAND`, in code, and those that the section of the command in docs/cli.md names. */
function usageProblems(commands: Options['commands'], { name, text }: Document): string[] {
  const lines = codeIn(text).flatMap((code) => code.replaceAll(/\\\n/g, ' ').split('\n'))
  const uses = lines.flatMap((line) => {
    const [, command, rest] =
      /(?:^|[ /])(?:homeostat|main\.js) ([a-z][a-z-]*)(.*)$/.exec(line.replace(/ #.*$/, '')) ?? []
    return command === undefined ? [] : [{ command, options: optionsIn(rest) }]
  })
  const sections = name === COMMANDS ? text.split(/^## /m).slice(1) : []
  const told = sections.map((section) => {
    const command = section.slice(0, section.indexOf('\n')).trim()
    // An option by itself; behind a command's name it is that command's.
    return { command, options: [...section.matchAll(/`(--[a-z][\w.-]*\w)/g)].map(([, option]) => option) }
  })
  return [...uses, ...told].flatMap(({ command, options }) => {
    const known = commands[command]
    if (known === undefined) return []
    const wrong = options.filter((option) => !known.includes(option) && !COMMON.includes(option))
    return wrong.map((option) => `${name}: ${command} has no option ${option}`)
  })
}

const codeIn = (text: string) =>
  [...text.matchAll(/```\w*\n([\s\S]*?)```|`([^`\n]+)`/g)].map(([, block, span]) => block ?? span)

function keyProblems(keys: readonly string[], { name, text }: Document): string[] {
  const paths = new Set(keys.map((key) => key.replaceAll('[]', '')))
  const sections = new Set([...paths].map((path) => path.split('.')[0]))
  const prose = text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '')
  const named = [...prose.matchAll(/`([a-z_]+(?:(?:\[\])?\.[a-z_]+)+)(?:: [^`]*)?`/g)].map(([, path]) => path)
  return named
    .filter((path) => sections.has(path.split(/[.[]/)[0]) && !FILE_NAME.test(path))
    .filter((path) => !paths.has(path.replaceAll('[]', '')))
    .map((path) => `${name}: there is no key ${path}`)
}

function variableProblems({ variables, otherVariables }: Options, { name, text }: Document): string[] {
  const named = [...new Set(text.match(/\b(?:HOMEOSTAT_[A-Z_]*[A-Z]|PROMETHEUS_URL)\b/g))]
  return named
    .filter((variable) => !variables.includes(variable) && !otherVariables.includes(variable))
    .map((variable) => `${name}: there is no environment variable ${variable}`)
}
