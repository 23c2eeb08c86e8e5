import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { checkImports } from './import-rules.ts'
import { paintOut } from './source-text.ts'

let root: string | undefined
afterEach(() => root && rmSync(root, { recursive: true, force: true }))

/** Writes a source tree and answers what is wrong with it, as `file:line: what`. */
function check(files: Readonly<Record<string, string>>): string[] {
  root = mkdtempSync(join(tmpdir(), 'import-rules-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return checkImports(root).map(({ file, line, what }) => `${file}:${line}: ${what}`)
}

const DOMAIN = { 'domain/target.ts': 'export interface Target {}\nexport const A = 1\n' }

describe('the import table', () => {
  it('accepts imports that point inward', () => {
    const found = check({
      ...DOMAIN,
      'detect/score.ts': "import { A } from '../domain/target.ts'\nexport const B = A\n",
      'app/compose.ts': "import { B } from '../detect/score.ts'\nexport const C = B\n",
      'main.ts': "import { C } from './app/compose.ts'\nconsole.log(C, process.argv)\n",
    })

    expect(found).toEqual([])
  })

  it.each([
    ['a value import', "\nimport { A } from '../platform/clock.ts'\n", 2],
    ['a type import', "import type { A } from '../platform/clock.ts'\n", 1],
    ['a re-export', "export * from '../platform/clock.ts'\n", 1],
    ['an import over several lines', "\n\nimport {\n  A,\n} from '../platform/clock.ts'\n", 3],
    ['an import for its effect', "import '../platform/clock.ts'\n", 1],
    ['a dynamic import', "const a = await import('../platform/clock.ts')\n", 1],
    ['an import type', "let a: import('../platform/clock.ts').A\n", 1],
  ])('reports %s of a forbidden folder', (_, text, line) => {
    const found = check({ 'platform/clock.ts': 'export const A = 1\n', 'detect/score.ts': text })

    expect(found).toEqual([`detect/score.ts:${line}: detect/ may not import platform (platform/clock.ts)`])
  })

  it('lets the pure folders import each other only down the data flow', () => {
    const found = check({
      ...DOMAIN,
      'featurize/scaler.ts': "import { S } from '../detect/score.ts'\nexport const F = S\n",
      'detect/score.ts': 'export const S = 1\n',
      'decide/policy.ts': "import { S } from '../detect/score.ts'\nexport const P = S\n",
    })

    expect(found).toEqual(['featurize/scaler.ts:1: featurize/ may not import detect (detect/score.ts)'])
  })

  it('opens a single file of a folder where the row names one', () => {
    const found = check({
      'api/contract.ts': 'export const A = 1\n',
      'api/routes.ts': 'export const B = 1\n',
      'ui/page.ts':
        "import { A } from '../api/contract.ts'\nimport { B } from '../api/routes.ts'\nexport const C = A + B\n",
    })

    expect(found).toEqual(['ui/page.ts:2: ui/ may not import api (api/routes.ts)'])
  })

  it('reports a folder without a row, a missing file and a missing extension', () => {
    const found = check({
      'utils/misc.ts': 'export const A = 1\n',
      'observe/a.ts': "import { B } from './gone.ts'\nimport { C } from './b'\n",
    })

    expect(found).toEqual([
      'observe/a.ts:1: import of ./gone.ts: no such file',
      'observe/a.ts:2: import of ./b: relative imports name the file with its .ts extension',
      'utils/misc.ts:1: utils/ has no row in the import table',
    ])
  })

  it('leaves tests alone', () => {
    const found = check({
      'platform/clock.ts': 'export const A = 1\n',
      'detect/score.test.ts': "import { A } from '../platform/clock.ts'\nimport 'node:fs'\nDate.now()\n",
    })

    expect(found).toEqual([])
  })
})

describe('cycles', () => {
  it('reports a cycle once, however it is entered', () => {
    const found = check({
      'domain/a.ts': "import { B } from './b.ts'\nexport const A = () => B\n",
      'domain/b.ts': "import { C } from './c.ts'\nexport const B = () => C\n",
      'domain/c.ts': "import type { A } from './a.ts'\nexport const C = 1 as unknown as typeof A\n",
      'app/x.ts': "import { B } from '../domain/b.ts'\nexport const X = B\n",
    })

    expect(found).toEqual(['domain/a.ts:1: import cycle: domain/a.ts -> domain/b.ts -> domain/c.ts -> domain/a.ts'])
  })

  it('accepts two paths to one file', () => {
    const found = check({
      'domain/a.ts': "import { B } from './b.ts'\nimport { C } from './c.ts'\nexport const A = B + C\n",
      'domain/b.ts': "import { C } from './c.ts'\nexport const B = C\n",
      'domain/c.ts': 'export const C = 1\n',
    })

    expect(found).toEqual([])
  })
})

describe('purity', () => {
  it.each([
    ['Date.now()', 'Date.now'],
    ['new Date()', 'new Date()'],
    ['Math.random()', 'Math.random'],
    ['process.env.HOME', 'process'],
    ["fetch('http://a')", 'fetch'],
    ['setTimeout(f, 1)', 'a timer'],
    ['performance.now()', 'performance'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source under check holds a template
    ['`${Date.now()}`', 'Date.now'],
  ])('reports %s in a pure folder', (expression, name) => {
    const found = check({ 'detect/a.ts': `// Date.now()\nexport const a = ${expression}\n` })

    expect(found).toEqual([`detect/a.ts:2: detect/ is pure, it may not use ${name}: take it as a parameter`])
  })

  it('reports an import of a Node module', () => {
    const found = check({ 'domain/a.ts': "import { readFileSync } from 'node:fs'\nexport const a = readFileSync\n" })

    expect(found).toEqual(['domain/a.ts:1: domain/ is pure, it may not import node:fs'])
  })

  it('accepts a date of a given time, words in comments and strings, and members of the same name', () => {
    const found = check({
      'detect/a.ts': [
        '/* Date.now() */ // process.env',
        'export const a = (at: number) => new Date(at).getUTCHours()',
        'export const b = \'Math.random() process.env import x from "node:fs"\'',
        'export const c = `fetch(1) import("node:fs")`',
        'export const d = (clock: { fetch: (n: number) => void }) => clock.fetch(1)',
        "export const e = /['\"`]/.test('//') // Date.now()",
        'export const f = 4 / 2 / 1',
      ].join('\n'),
    })

    expect(found).toEqual([])
  })

  it('lets an adapter do what it is there for', () => {
    expect(check({ 'platform/clock.ts': 'export const now = () => Date.now()\n' })).toEqual([])
  })
})

it('paints out without moving a line or a column', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the source under check holds a template
  const source = "const a = `x ${f({ b: '}' })} y` /* two\nlines */ + c // end\n"

  const { code, bare } = paintOut(source)

  // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
  expect(code).toBe("const a = `x ${f({ b: '}' })} y`       \n         + c       \n")
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
  expect(bare).toBe("const a = `  ${f({ b: ' ' })}  `       \n         + c       \n")
})
