/** Prints every option that is documented and does not exist, or exists and is not documented; exit 1 if any. */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { receiverSchemas } from '../src/app/registry.ts'
import { createProgram } from '../src/cli/command-line.ts'
import { schemaWith } from '../src/config/schema.ts'
import { documentedKeys } from '../src/config/schema-tree.ts'
import { SETTINGS } from '../src/config/settings.ts'
import { filesBelow } from './files.ts'
import { type Options, optionProblems } from './option-rules.ts'

const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const below = (folder: string, ending: RegExp) => filesBelow(join(ROOT, folder)).filter((path) => ending.test(path))

type Command = ReturnType<typeof createProgram>

const optionsOf = ({ options, commands }: Command): string[] => [
  ...options.flatMap(({ long }) => (long ? [long] : [])),
  ...commands.flatMap(optionsOf),
]

/** Names of variables that stand in texts. */
const variablesIn = (texts: readonly string[]) =>
  texts.flatMap((text) => text.match(/\bHOMEOSTAT_[A-Z_]*[A-Z]\b/g) ?? [])

function optionsThatThereAre(): Options {
  const keys = documentedKeys(schemaWith(receiverSchemas))
  const variables = ['HOMEOSTAT_CONFIG', ...SETTINGS.map(({ variable }) => variable)]
  const examples = keys.flatMap(({ example }) => (typeof example === 'string' ? [example] : []))
  const testsAndTools = [
    ...['test', 'scripts', 'bench']
      .flatMap((folder) => below(folder, /\.ts$/))
      .map((path) => readFileSync(path, 'utf8')),
    ...['vitest.config.ts', 'vite.config.ts', '.ci/run'].map(read),
  ]
  return {
    commands: Object.fromEntries(createProgram().commands.map((command) => [command.name(), optionsOf(command)])),
    keys: keys.map(({ path }) => path),
    variables,
    otherVariables: variablesIn([...examples, ...testsAndTools]),
  }
}

const documents = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...['docs', 'bench', 'deploy', 'prometheus', 'alertmanager', 'grafana'].flatMap((folder) =>
    below(folder, /\.md$/).map((path) => relative(ROOT, path)),
  ),
].map((name) => ({ name, text: read(name) }))

const problems = optionProblems(optionsThatThereAre(), documents)
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
