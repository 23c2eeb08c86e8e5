import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './deadline.ts'
import { freePort } from './ports.ts'
import { startProcess } from './process.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')

/** A running `node dist/main.js simulate`. */
export interface Simulator {
  readonly url: string
  /** What it has written to stdout and stderr; also after its end. */
  lines(): string[]
  ask(method: string, path: string, body?: object): Promise<{ status: number; body: string }>
  /** SIGTERM, once; resolves with the exit code, null when a signal ended it. */
  stop(): Promise<number | null>
}

/** Starts the built simulator on a free port and waits for its first reading. */
export async function startSimulator(args: readonly string[] = []): Promise<Simulator> {
  const dir = mkdtempSync(join(tmpdir(), 'homeostat-simulator-'))
  const logFile = join(dir, 'log')
  const port = await freePort()
  const command = [process.execPath, MAIN, 'simulate', '--listen-address', `127.0.0.1:${port}`, ...args]
  const env = { PATH: process.env.PATH, TMPDIR: tmpdir() }
  const own = await startProcess('simulator', command, { cwd: dir, logFile, env })
  const exited = new Promise<number | null>((resolve) => own.child.once('exit', resolve))
  const url = `http://127.0.0.1:${port}`

  async function ask(method: string, path: string, body?: object) {
    const init = body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
    const response = await fetch(url + path, { method, ...init, signal: AbortSignal.timeout(5000) })
    return { status: response.status, body: await response.text() }
  }

  await until(async () => (await ask('GET', '/metrics')).body.includes('http_requests_total'), {
    what: 'the first reading of the simulated world',
    withinMs: 20_000,
    explain: own.logTail,
    vain: () => (own.isAlive() ? undefined : own.logTail()),
  })
  let last: string | undefined
  let stopped: Promise<number | null> | undefined
  async function stop(): Promise<number | null> {
    await own.stop()
    const code = await exited
    last = readFileSync(logFile, 'utf8')
    rmSync(dir, { recursive: true, force: true })
    return code
  }
  return {
    url,
    lines: () => (last ?? readFileSync(logFile, 'utf8')).trim().split('\n'),
    ask,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}
