import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { OPERATIONS } from '../src/api/openapi/operations.ts'
import { receiverSchemas } from '../src/app/registry.ts'
import { loadConfig } from '../src/config/load.ts'
import { formatProblem } from '../src/config/problem.ts'
import { schemaWith } from '../src/config/schema.ts'
import { documentedKeys } from '../src/config/schema-tree.ts'
import { filesBelow } from './files.ts'
import { IMPORT_TABLE } from './import-rules.ts'

const ROOT = resolve(import.meta.dirname, '..')
const NOT_OURS = ['node_modules', 'dist', 'data', 'coverage']
const FOLDERS = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !NOT_OURS.includes(entry.name))
  .map(({ name }) => name)
const DOCUMENTS = [
  ...readdirSync(ROOT).map((name) => join(ROOT, name)),
  ...FOLDERS.flatMap((folder) => filesBelow(join(ROOT, folder))),
]
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ name: relative(ROOT, path), path, text: readFileSync(path, 'utf8') }))

const textOf = (name: string) => DOCUMENTS.find((document) => document.name === name)?.text ?? ''

/** Without blocks of code, in which `[a](b)` and `#` mean something else. */
const prose = (text: string) => text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '')

/** The anchors of the headings, as GitHub makes them. */
function anchorsIn(text: string): string[] {
  return [...prose(text).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function brokenLinksIn({ path, text }: { path: string; text: string }): string[] {
  const links = [
    ...prose(text)
      .replaceAll(/`[^`\n]*`/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map(([, link]) => link)
  return links.filter((link) => {
    if (/^(https?|mailto):/.test(link)) return false
    const [file, anchor] = link.split('#')
    const target = file === '' ? path : resolve(dirname(path), file)
    if (!existsSync(target)) return true
    return anchor !== undefined && !anchorsIn(readFileSync(target, 'utf8')).includes(anchor)
  })
}

describe('the documents', () => {
  it.each(DOCUMENTS)('$name links to files and headings that are there', (document) => {
    expect(brokenLinksIn(document)).toEqual([])
  })

  it('tells a broken link from a good one', () => {
    const path = join(ROOT, 'README.md')
    const text = '[a](docs/cli.md#run) [b](docs/none.md) [c](docs/cli.md#none) [d](#start) `[e](f)`'

    expect(brokenLinksIn({ path, text })).toEqual(['docs/none.md', 'docs/cli.md#none'])
  })

  it.each(DOCUMENTS)('$name names files of the code that are there', ({ text }) => {
    const named = [...prose(text).matchAll(/`([\w.-]+)\/([^`\s<*{]+)`/g)].filter(([, folder]) =>
      FOLDERS.includes(folder),
    )

    const paths = named.map(([, folder, rest]) => join(folder, rest))

    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })

  it('are all reached from the index of docs', () => {
    const index = textOf('docs/README.md')
    const docs = DOCUMENTS.filter(({ name }) => /^docs\/[^/]+\.md$/.test(name) && name !== 'docs/README.md')

    const names = docs.map(({ name }) => name.slice('docs/'.length))

    expect(names.filter((name) => !index.includes(`](${name})`))).toEqual([])
  })

  it('count decisions from 1 without a gap, and list all of them by their titles', () => {
    const index = textOf('docs/adr/README.md')
    const records = DOCUMENTS.filter(({ name }) => /^docs\/adr\/\d/.test(name))
    const titles = records.map(({ text }) => /^# (.*)$/m.exec(text)?.[1] ?? '')

    expect(records.map(({ name }) => Number(/\/(\d{4})-/.exec(name)?.[1]))).toEqual(records.map((_, i) => i + 1))
    expect(titles.map((title) => Number.parseInt(title, 10))).toEqual(records.map((_, i) => i + 1))
    expect([...index.matchAll(/^- \[(.*)\]\((.*)\)$/gm)].map(([, title, file]) => [title, file])).toEqual(
      records.map(({ name }, i) => [titles[i], name.slice('docs/adr/'.length)]),
    )
  })
})

const schema = schemaWith(receiverSchemas)
const keys = documentedKeys(schema)
const sections = keys.filter(({ path }) => !path.includes('.')).map(({ path }) => path)

/** The YAML of a document that is a configuration of ours: its first key is one of our sections. */
const examples = DOCUMENTS.flatMap(({ name, text }) =>
  [...text.matchAll(/^( *)```ya?ml\n([\s\S]*?)^ *```/gm)].map(([, indent, block]) => ({
    name,
    yaml: block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  })),
).filter(({ yaml }) => sections.includes(/^(\w+):/m.exec(yaml)?.[1] ?? ''))

describe('configuration in the documents', () => {
  it.each(examples)('is good in $name: example %#', ({ name, yaml }) => {
    const flags = { config: name }
    // What stands without its source is for Prometheus; a route may name receivers that another example has.
    const env = /^source:/m.test(yaml) ? {} : { PROMETHEUS_URL: 'http://127.0.0.1:9090' }
    const result = loadConfig({ flags, env, readFile: () => yaml, receivers: receiverSchemas })

    const problems = result.ok ? [] : result.problems.map(formatProblem)
    expect(problems.filter((problem) => !problem.includes(': there is no receiver '))).toEqual([])
  })

  it.each(DOCUMENTS)('names only keys that there are: $name', ({ text }) => {
    const paths = new Set(keys.map(({ path }) => path.replaceAll('[]', '')))
    const named = [...prose(text).matchAll(/`([a-z_]+(?:\.[a-z_]+)+)(?:: [^`]*)?`/g)].map(([, path]) => path)

    const ours = named.filter((path) => sections.includes(path.split('.')[0]))

    expect(ours.filter((path) => !paths.has(path) && !/\.(csv|ts|js|md|yaml|json|jsonl)$/.test(path))).toEqual([])
  })
})

describe('commands in the documents', () => {
  const code = (text: string) =>
    [...text.matchAll(/```(?:sh|bash)?\n([\s\S]*?)```|`([^`\n]+)`/g)].map((m) => m[1] ?? m[2])

  it.each(DOCUMENTS)('are those of package.json: $name', ({ text }) => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }
    const named = code(text).flatMap((line) =>
      [...line.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map((match) => match[1] ?? match[2]),
    )

    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([])
  })

  it.each(DOCUMENTS)('are those of homeostat: $name', ({ text }) => {
    const known = [...textOf('docs/cli.md').matchAll(/^## ([a-z-]+)$/gm)].map(([, command]) => command)
    const named = code(text).flatMap((line) =>
      [...line.matchAll(/(?:^|npx )homeostat ([a-z][a-z-]*)/gm)].map(([, command]) => command),
    )

    expect(named.filter((command) => !known.includes(command))).toEqual([])
  })
})

it('docs/security.md has every route with its role', () => {
  const rows = [...textOf('docs/security.md').matchAll(/^\| (`(?:GET|POST)[^|]*) \| ([^|]*) \|$/gm)]
  const role = { open: 'open', sender: 'the sender', read: 'read', operate: 'operate', admin: 'admin' }
  const isIn = (cell: string, path: string) =>
    [path, path.replace('/api/v1', ''), path.slice(path.lastIndexOf('/'))].some((part) => cell.includes(`${part}\``))

  const missing = OPERATIONS.filter(
    ({ method, pattern, role: needed }) =>
      !rows.some(([, cell, told]) => cell.includes(method) && isIn(cell, pattern) && told.startsWith(role[needed])),
  )

  expect(rows.length).toBeGreaterThan(10)
  expect(missing.map(({ method, pattern }) => `${method} ${pattern}`)).toEqual([])
})

it('docs/troubleshooting.md quotes what the program says', () => {
  const sources = filesBelow(join(ROOT, 'src')).filter((path) => /(?<!\.test)\.tsx?$/.test(path))
  // A message may be put together of several literals, and holds what only a run knows.
  const said = sources
    .map((path) => readFileSync(path, 'utf8').replaceAll(/\$\{[^}]*\}|['`] \+\s+['`]/g, '…'))
    .join('\n')
  const isCode = /^(GET|POST|systemctl|homeostat|npm|touch|curl|Authorization|-H) |[={]|--/
  const quoted = [...prose(textOf('docs/troubleshooting.md')).matchAll(/`([^`\n]+)`/g)].map(([, text]) => text)

  const messages = quoted.filter((text) => text.split(' ').length > 3 && !isCode.test(text))
  const parts = messages.flatMap((text) => text.split('…').map((part) => part.trim()))

  expect(messages.length).toBeGreaterThan(30)
  expect(parts.filter((part) => !said.includes(part))).toEqual([])
})

it('docs/performance.md names the sections of the bench', () => {
  const bench = readFileSync(join(ROOT, 'bench/run.ts'), 'utf8')
  const sections = [...bench.matchAll(/^ {2}(\w+): bench[A-Z]/gm)].map(([, section]) => section)

  expect(sections.length).toBeGreaterThan(4)
  expect(textOf('docs/performance.md')).toContain(`# sections: ${sections.join(', ')}\n`)
  expect(
    sections.filter(
      (section) =>
        !textOf('docs/performance.md').includes(`**${section}**`) &&
        !textOf('docs/performance.md').includes(`**${section}.**`),
    ),
  ).toEqual([])
})

it('the tour of the code has each folder, and what it may import', () => {
  const rows = [...textOf('docs/architecture.md').matchAll(/^\| (\[\w+\]\(\.\.\/src.*?) \|.*\| ([\w, ]+) \|$/gm)]

  const told = rows.flatMap(([, names, imports]) =>
    [...names.matchAll(/\[(\w+)\]/g)].map(([, name]) => [name, imports.replace('nothing', '')] as const),
  )

  const folders = Object.entries(IMPORT_TABLE).filter(([name]) => existsSync(join(ROOT, 'src', name)))
  const whole = (imports: (typeof IMPORT_TABLE)[string]) =>
    typeof imports === 'string' ? imports : imports.filter((name) => !name.includes('/')).join(', ')
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(folders.map(([name, to]) => [name, whole(to)])))
})

it('no document speaks of what only its writers know', () => {
  const words = /\/work\/|\bTODO\b|\bFIXME\b|\bas of now\b|this version has no/i

  expect(DOCUMENTS.filter(({ text }) => words.test(text)).map(({ name }) => name)).toEqual([])
})
