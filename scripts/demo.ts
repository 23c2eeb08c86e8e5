/**
 * `npm run demo`: a simulated world and a daemon that heals it, each a process of its own on a free port, with data in a
 * temporary directory. Ctrl-C ends both. Options after `--` go to `homeostat simulate`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse, stringify } from 'yaml'
import { createStory, type IncidentSeen, type TargetSeen } from './demo-story.ts'

const ROOT = join(import.meta.dirname, '..')
const MAIN = join(ROOT, 'dist/main.js')
const POLL_MS = 500
const START_MS = 20_000
const STOP_MS = 10_000
/** The first fault comes after half a minute, by this seed one that others suffer from: too much work at the ledger. */
const WORLD = ['--interval', '1s', '--fault-ticks', '45-60', '--seed', '367', '--quiet']
/** Then two that have nothing to do with each other, at once; after them, what chance brings. */
const TWO_AT_ONCE = ['--fault', 'search:crash_loop:50@70s', '--fault', 'cart:high_error_rate:50@70s']

const dir = mkdtempSync(join(tmpdir(), 'homeostat-demo-'))
const children: ChildProcess[] = []
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort())

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const { port } = server.address() as { port: number }
  await new Promise((done) => server.close(done))
  return port
}

/** `config/demo.yaml` for this simulator, in the temporary directory. */
function configFor(simulator: string): string {
  const text = readFileSync(join(ROOT, 'config/demo.yaml'), 'utf8').replaceAll('http://127.0.0.1:9798', simulator)
  const config = parse(text)
  config.remediation.rules = config.remediation.rules.map((path: string) => resolve(ROOT, 'config', path))
  const path = join(dir, 'demo.yaml')
  writeFileSync(path, stringify(config))
  return path
}

function start(name: string, args: readonly string[]): void {
  const log = openSync(join(dir, `${name}.log`), 'a')
  // A group of its own: Ctrl-C is for us, and we end it in order.
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', log, log], detached: true })
  child.once('exit', (code) => {
    if (stopping.signal.aborted) return
    console.error(`${name} ended with ${code}:\n${readFileSync(join(dir, `${name}.log`), 'utf8').slice(-2000)}`)
    process.exitCode = 1
    stopping.abort()
  })
  children.push(child)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(late)
}

const pause = (ms: number) =>
  new Promise<void>((done) => {
    const wake = () => {
      clearTimeout(timer)
      done()
    }
    const timer = setTimeout(wake, ms)
    stopping.signal.addEventListener('abort', wake, { once: true })
  })

async function get<T>(url: string): Promise<T> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
  return (await answer.json()) as T
}

async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + START_MS
  while (!stopping.signal.aborted) {
    const isReady = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) return
    if (performance.now() > deadline) throw new Error(`${url} does not answer; see ${dir}`)
    await pause(100)
  }
}

async function tell(url: string): Promise<void> {
  const story = createStory()
  let wasHealed = false
  while (!stopping.signal.aborted) {
    try {
      const targets = await get<{ items: TargetSeen[] }>(`${url}/api/v1/targets?limit=1000`)
      const newest = await get<{ items: { id: string }[] }>(`${url}/api/v1/incidents?limit=20`)
      const incidents: IncidentSeen[] = []
      for (const { id } of newest.items.reverse()) incidents.push(await get(`${url}/api/v1/incidents/${id}`))
      for (const line of story.lines(targets.items, incidents)) console.log(line)
    } catch (error) {
      if (!stopping.signal.aborted) console.error(`homeostat did not answer: ${(error as Error).message}`)
    }
    if (!wasHealed && story.healed() > 0) {
      wasHealed = true
      console.log(
        `\nThe loop has closed: seen, explained, healed, verified. It goes on; Ctrl-C ends it.\nSee it on the dashboard: ${url}/\n`,
      )
    }
    await pause(POLL_MS)
  }
}

async function main(): Promise<void> {
  const [simulator, daemon] = [await freePort(), await freePort()].map((port) => `127.0.0.1:${port}`)
  const url = `http://${daemon}`
  const config = configFor(`http://${simulator}`)
  start('homeostat', ['run', '--config', config, '--web.listen-address', daemon, '--data-dir', join(dir, 'data')])
  await untilReady(`${url}/-/healthy`)
  const asked = process.argv.slice(2)
  const world = asked.length === 0 ? [...WORLD, ...TWO_AT_ONCE] : [...WORLD, ...asked]
  start('simulator', ['simulate', '--listen-address', simulator, '--push', url, ...world])
  await untilReady(`http://${simulator}/-/healthy`)
  console.log(`Dashboard: ${url}/   simulated world: http://${simulator}/`)
  console.log('Twelve services push a reading every second. The first fault comes within a minute.\n')
  await tell(url)
}

try {
  await main()
} catch (error) {
  console.error(`demo: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  stopping.abort()
  await Promise.all(children.map(stop))
  rmSync(dir, { recursive: true, force: true })
}
