/**
 * Builds `dist/` from `src/`. Does nothing when `dist/` is already newer than every input, so that `npm start` is
 * quick; `--force` builds anyway.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { filesBelow } from './files.ts'

const ROOT = join(import.meta.dirname, '..')
const SOURCE = join(ROOT, 'src')
const OUT = join(ROOT, 'dist')
/** Names the inputs of the last good build; its modification time is when that build began. */
const STAMP = join(OUT, '.built')
const KERNEL = 'detect/kernel'
const DASHBOARD = 'ui'
const API_DOCS = 'api-docs'

function inputs(): string[] {
  const sources = filesBelow(SOURCE).filter((file) => !file.endsWith('.test.ts'))
  const settings = ['tsconfig.json', 'vite.config.ts', 'package.json', 'scripts/build.ts'].map((name) =>
    join(ROOT, name),
  )
  return [...sources, ...settings]
}

function isUpToDate(files: readonly string[]): boolean {
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== files.join('\n')) return false
  const builtAt = statSync(STAMP).mtimeMs
  return files.every((file) => statSync(file).mtimeMs < builtAt)
}

function run(program: string, args: readonly string[]): void {
  const result = spawnSync(join(ROOT, 'node_modules/.bin', program), args, { cwd: ROOT, stdio: 'inherit' })
  if (result.error) throw new Error(`${program} did not start; run \`npm ci\` first`, { cause: result.error })
  if (result.status !== 0) {
    console.error(`build: ${program} failed`)
    process.exit(1)
  }
}

/** Compiles the AssemblyScript kernel where there is one. */
function buildKernel(): void {
  const entry = join(SOURCE, KERNEL, 'assembly/index.ts')
  if (!existsSync(entry)) return
  mkdirSync(join(OUT, KERNEL), { recursive: true })
  const target = join(OUT, KERNEL, 'kernel.wasm')
  run('asc', [
    entry,
    '--outFile',
    target,
    '-O3',
    '--noAssert',
    '--runtime',
    'stub',
    '--enable',
    'simd',
    '--initialMemory',
    '1',
  ])
}

/** Bundles the dashboard, and lays beside each file what is sent of it. */
function buildDashboard(): void {
  run('vite', ['build', '--logLevel', 'warn'])
  for (const file of filesBelow(join(OUT, DASHBOARD))) compress(file)
}

/** Copies the page that describes the API, under names that bear its version, so that browsers keep it for good. */
function copyApiDocs(): void {
  const from = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')))
  const { version } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
  rmSync(join(OUT, API_DOCS), { recursive: true, force: true })
  mkdirSync(join(OUT, API_DOCS), { recursive: true })
  const copies = { 'swagger-ui-bundle.js': 'js', 'swagger-ui.css': 'css' }
  for (const [name, ending] of Object.entries(copies)) {
    const to = join(OUT, API_DOCS, `swagger-ui-${version}.${ending}`)
    // Without the mark that leads to a map, which is not sent.
    writeFileSync(
      to,
      readFileSync(join(from, name), 'utf8').replace(/\n?(\/\/|\/\*)# sourceMappingURL=\S+.*\s*$/, '\n'),
    )
    compress(to)
  }
  for (const name of ['LICENSE', 'NOTICE']) cpSync(join(from, name), join(OUT, API_DOCS, `${name}.txt`))
}

/** Lays beside a file what is sent of it. */
function compress(file: string): void {
  const bytes = readFileSync(file)
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
  writeFileSync(`${file}.br`, brotliCompressSync(bytes))
}

/** Removes output whose source is gone: an old module would still be found by an import. */
function removeStale(): void {
  for (const file of filesBelow(OUT)) {
    const source = join(SOURCE, file.slice(OUT.length)).replace(/\.js(\.map)?$/, '.ts')
    const isCopied = [DASHBOARD, API_DOCS].some((folder) => file.startsWith(join(OUT, folder, '/')))
    const isOurs = file.endsWith('.wasm') || file === STAMP || isCopied
    if (!isOurs && !existsSync(source)) rmSync(file)
  }
}

const files = inputs()
const startedAt = new Date()
if (process.argv.includes('--force') || !isUpToDate(files)) {
  // Without its stamp a build that is broken off counts as none.
  rmSync(STAMP, { force: true })
  buildKernel()
  run('tsc', ['-p', 'tsconfig.json'])
  removeStale()
  buildDashboard()
  copyApiDocs()
  const main = join(OUT, 'main.js')
  if (existsSync(main)) chmodSync(main, 0o755)
  mkdirSync(OUT, { recursive: true })
  writeFileSync(STAMP, files.join('\n'))
  utimesSync(STAMP, startedAt, startedAt)
  console.error(`${basename(OUT)} built in ${Date.now() - startedAt.getTime()} ms`)
}
