import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { filesBelow } from './files.ts'
import { paintOut } from './source-text.ts'

/** Folder of `src/` to the folders that it may import, type imports included; its own is always allowed. */
export type ImportTable = Readonly<Record<string, readonly string[] | 'everything'>>

/** Rows are edited with the tree; a folder without a row is reported. `main.ts` may import everything. */
export const IMPORT_TABLE: ImportTable = {
  domain: [],
  featurize: ['domain'],
  detect: ['domain', 'featurize'],
  diagnose: ['domain', 'featurize', 'detect'],
  decide: ['domain', 'featurize', 'detect', 'diagnose'],
  platform: [],
  observe: ['domain', 'platform'],
  act: ['domain', 'platform', 'pipeline/effects'],
  notify: ['domain', 'platform', 'pipeline/receivers', 'config/fields'],
  store: ['domain', 'platform', 'pipeline/journal', 'pipeline/outbox'],
  pipeline: ['domain', 'platform', 'diagnose', 'decide'],
  train: ['domain', 'featurize', 'detect', 'platform'],
  simulate: ['domain', 'platform'],
  api: ['domain', 'pipeline', 'platform'],
  config: ['domain', 'platform'],
  ui: ['api/contract'],
  app: 'everything',
  cli: 'everything',
}

/** Folders without I/O, clock, randomness or environment: the tests and a replay of the past depend on it. */
export const PURE_FOLDERS: readonly string[] = ['domain', 'featurize', 'detect', 'diagnose', 'decide']

const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\s*\.\s*now\b/g, 'Date.now'],
  [/\bMath\s*\.\s*random\b/g, 'Math.random'],
  [/\bnew\s+Date\s*(?:\(\s*\)|(?![\s(]))/g, 'new Date()'],
  [/(?<![.\w$'"])(?:globalThis\s*\.\s*)?performance\s*\./g, 'performance'],
  [/(?<![.\w$'"])process\s*[.[]/g, 'process'],
  [/(?<![.\w$'"])fetch\s*\(/g, 'fetch'],
  [/(?<![.\w$'"])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\s*\(/g, 'a timer'],
  [/(?<![.\w$'"])crypto\s*\.\s*(?:getRandomValues|randomUUID)\b/g, 'crypto'],
]

const IMPORT =
  /\b(?:import|export)\s+(?:type\s+)?(?:[\w$*{}\s,]+?\bfrom\s*)?(['"])([^'"\n]+)\1|\bimport\s*\(\s*(['"])([^'"\n]+)\3/g

export interface Violation {
  /** Path from the source folder. */
  readonly file: string
  readonly line: number
  readonly what: string
}

interface Import {
  readonly specifier: string
  readonly line: number
}

const lineOf = (text: string, index: number) => text.slice(0, index).split('\n').length
const isTest = (file: string) => /\.(test|test-d)\.ts$/.test(file) || file.includes('/testing/')
const folderOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '')

function importsOf(code: string, bare: string): Import[] {
  const found: Import[] = []
  for (const match of code.matchAll(IMPORT)) {
    // An import that stands inside a string is text: there the painted-out source has no keyword.
    if (bare.slice(match.index, match.index + 6) !== match[0].slice(0, 6)) continue
    found.push({ specifier: match[2] ?? match[4], line: lineOf(code, match.index) })
  }
  return found
}

function mayImport(table: ImportTable, from: string, target: string): boolean {
  const folder = folderOf(from)
  if (folder === '' || folder === folderOf(target)) return true
  const allowed = table[folder]
  if (allowed === undefined || allowed === 'everything') return true
  return allowed.some((name) => target.startsWith(`${name}/`) || target === `${name}.ts`)
}

function impurities(file: string, bare: string): Violation[] {
  return IMPURE.flatMap(([pattern, name]) =>
    [...bare.matchAll(pattern)].map(({ index }) => ({
      file,
      line: lineOf(bare, index),
      what: `${folderOf(file)}/ is pure, it may not use ${name}: take it as a parameter`,
    })),
  )
}

/** Every import cycle once, from its alphabetically first file. */
function cycles(graph: ReadonlyMap<string, ReadonlyMap<string, number>>): Violation[] {
  const found = new Map<string, Violation>()
  const done = new Set<string>()

  function visit(file: string, path: readonly string[]): void {
    const from = path.indexOf(file)
    if (from >= 0) {
      const ring = path.slice(from)
      const first = ring.indexOf([...ring].sort()[0])
      const turned = [...ring.slice(first), ...ring.slice(0, first)]
      const what = `import cycle: ${[...turned, turned[0]].join(' -> ')}`
      const next = turned[1] ?? turned[0]
      found.set(what, { file: turned[0], line: graph.get(turned[0])?.get(next) ?? 1, what })
      return
    }
    if (done.has(file)) return
    for (const target of graph.get(file)?.keys() ?? []) visit(target, [...path, file])
    done.add(file)
  }

  for (const file of graph.keys()) visit(file, [])
  return [...found.values()]
}

/** Checks every `*.ts` below a source folder. Tests are bound by the table and by nothing else. */
export function checkImports(source: string, table: ImportTable = IMPORT_TABLE): Violation[] {
  const violations: Violation[] = []
  const graph = new Map<string, Map<string, number>>()
  const paths = filesBelow(source).filter((path) => /\.tsx?$/.test(path) && !path.includes('/assembly/'))
  for (const path of paths) {
    const file = relative(source, path)
    const folder = folderOf(file)
    const isPure = PURE_FOLDERS.includes(folder) && !isTest(file)
    const { code, bare } = paintOut(readFileSync(path, 'utf8'))
    const edges = new Map<string, number>()
    graph.set(file, edges)
    const report = (line: number, what: string) => void violations.push({ file, line, what })

    if (folder !== '' && !(folder in table)) report(1, `${folder}/ has no row in the import table`)
    if (isPure) violations.push(...impurities(file, bare))
    for (const { specifier, line } of importsOf(code, bare)) {
      if (!specifier.startsWith('.')) {
        if (isPure && specifier.startsWith('node:')) report(line, `${folder}/ is pure, it may not import ${specifier}`)
        continue
      }
      const target = relative(source, join(dirname(path), specifier))
      if (!/\.(tsx?|json|css)$/.test(specifier)) {
        report(line, `import of ${specifier}: relative imports name the file with its .ts extension`)
      } else if (!existsSync(join(source, target))) {
        report(line, `import of ${specifier}: no such file`)
      } else if (target.startsWith('..')) {
        if (!isTest(file)) report(line, `import of ${specifier} leaves src/`)
      } else {
        edges.set(target, line)
        if (!isTest(file) && !mayImport(table, file, target)) {
          report(line, `${folder}/ may not import ${folderOf(target) || target} (${target})`)
        }
      }
    }
  }
  const all = [...violations, ...cycles(graph)]
  return all.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line)
}
