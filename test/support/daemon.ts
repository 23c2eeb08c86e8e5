import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type Deadline, until } from './deadline.ts'
import { type MetricSample, parseExposition } from './exposition.ts'
import { freePort } from './ports.ts'
import { startProcess } from './process.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')

/** `GET /api/v1/targets/{id}`, what the tests read of it. */
export interface TargetAnswer {
  readonly id: string
  readonly labels: Readonly<Record<string, string>>
  readonly state: 'fresh' | 'warming_up' | 'stale'
  readonly level: number | null
  readonly severity: number | null
  readonly score: number | null
  readonly threshold: number | null
  readonly detected: boolean
  readonly detectors: Readonly<Record<string, number | null>>
  readonly updated_at: string
  /** Strongest share first. */
  readonly features: readonly FeatureAnswer[]
  /** The soonest used up first. */
  readonly exhaustion: readonly ExhaustionAnswer[]
  readonly drift: number | null
}

interface ExhaustionAnswer {
  readonly resource: string
  readonly seconds: number
  readonly low: number
  readonly high: number
}

interface FeatureAnswer {
  readonly name: string
  readonly actual: number | null
  readonly expected: number | null
  readonly share: number | null
}

export interface DaemonOptions {
  /**
   * The configuration file: an object that becomes YAML (`data_dir` and `web.listen_address` are added), or its text.
   * Without it the built-in defaults hold, address and data directory come as flags.
   */
  readonly config?: Readonly<Record<string, unknown>> | string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Kept data of an earlier run; a new temporary directory unless given. */
  readonly dataDir?: string
  /** Where it serves on loopback: that of an earlier run, for one; a free one unless given. */
  readonly port?: number
  /** What is run instead of `dist/main.js`, with the same arguments. */
  readonly program?: string
}

export interface Exit {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly tookMs: number
}

/** A running `node dist/main.js run`. */
export interface Daemon {
  readonly pid: number
  readonly url: string
  readonly address: string
  readonly dataDir: string
  readonly configFile: string
  /** Everything it has written to stdout and stderr; also after its end. */
  logs(): string
  /** The log lines that are JSON, parsed. */
  events(): Record<string, unknown>[]
  /** The log lines that warn, without those of cycles left out: these tell of a busy machine, not of the daemon. */
  warnings(): string[]
  isAlive(): boolean
  signal(signal: NodeJS.Signals): void
  metricsText(): Promise<string>
  metrics(): Promise<MetricSample[]>
  /** The value of the first series of that name whose labels include these; undefined where there is none. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number | undefined>
  target(id: string): Promise<TargetAnswer>
  targetIds(): Promise<string[]>
  /** Polls until `ask` gives an answer; a daemon that died, or time that is up, fails with the end of the log. */
  waitFor<T>(
    what: string,
    ask: () => Promise<T> | T,
    limits?: Pick<Deadline, 'withinMs' | 'everyMs'>,
  ): Promise<Exclude<T, undefined | false>>
  /** Polls until `/-/ready` says 200. */
  ready(withinMs?: number): Promise<void>
  /** SIGTERM; SIGKILL after 15 s, which then shows in the answer. */
  stop(): Promise<Exit>
}

function requireBuild(): void {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run \`npm run build\` first`)
}

/**
 * A clean environment: nothing of the developer's own (`PROMETHEUS_URL`, proxies) reaches the daemon.
 */
function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: tmpdir(), ...extra }
}

function configText(config: NonNullable<DaemonOptions['config']>, dataDir: string, address: string): string {
  if (typeof config === 'string') return config
  const web = { listen_address: address, ...(config.web as object | undefined) }
  return stringify({ data_dir: dataDir, ...config, web })
}

/** Starts the built daemon on a free port; `ready()` then waits for its first cycle. */
export async function startDaemon(options: DaemonOptions = {}): Promise<Daemon> {
  requireBuild()
  const dir = mkdtempSync(join(tmpdir(), 'homeostat-daemon-'))
  const dataDir = options.dataDir ?? join(dir, 'data')
  const configFile = join(dir, 'homeostat.yaml')
  const address = `127.0.0.1:${options.port ?? (await freePort())}`
  const url = `http://${address}`
  const flags = ['--web.listen-address', address, '--data-dir', dataDir]
  if (options.config) writeFileSync(configFile, configText(options.config, dataDir, address))
  const where = options.config ? ['--config', configFile] : flags
  const command = [process.execPath, options.program ?? MAIN, 'run', ...where, ...(options.args ?? [])]
  const logFile = join(dir, 'log')
  const own = await startProcess('homeostat', command, { cwd: dir, logFile, env: environment(options.env) })
  let ended: Omit<Exit, 'tookMs'> | undefined
  own.child.once('exit', (code, signal) => {
    ended = { code, signal }
  })

  let lastLogs: string | undefined
  const logs = () => lastLogs ?? readFileSync(logFile, 'utf8')
  const vain = () => (ended ? `homeostat ended (${JSON.stringify(ended)}):\n${own.logTail()}` : undefined)

  async function get(path: string): Promise<Response> {
    const response = await fetch(url + path, { signal: AbortSignal.timeout(5000) })
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`)
    return response
  }

  function events(): Record<string, unknown>[] {
    const lines = logs().split('\n')
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  }

  function warnings(): string[] {
    const lines = logs().split('\n')
    return lines.filter((line) => line.includes('"level":"warn"') && !line.includes('cycles left out'))
  }

  async function metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
    const wanted = Object.entries(labels)
    const samples = parseExposition(await (await get('/metrics')).text())
    return samples.find((s) => s.name === name && wanted.every(([key, value]) => s.labels[key] === value))?.value
  }

  const waitFor: Daemon['waitFor'] = (what, ask, limits = { withinMs: 45_000 }) =>
    until(ask, { what, vain, explain: own.logTail, ...limits })

  async function stop(): Promise<Exit> {
    const from = performance.now()
    await own.stop(15_000)
    const end = await until(() => ended, { what: 'the exit of homeostat', withinMs: 5000, everyMs: 10 })
    const tookMs = performance.now() - from
    lastLogs = logs()
    rmSync(dir, { recursive: true, force: true })
    return { ...end, tookMs }
  }

  return {
    pid: own.pid,
    url,
    address,
    dataDir,
    configFile,
    logs,
    events,
    warnings,
    isAlive: own.isAlive,
    signal: (signal) => void own.signal(signal),
    metricsText: async () => (await get('/metrics')).text(),
    metrics: async () => parseExposition(await (await get('/metrics')).text()),
    metric,
    target: async (id) => (await get(`/api/v1/targets/${encodeURIComponent(id)}`)).json() as Promise<TargetAnswer>,
    async targetIds() {
      const list = (await (await get('/api/v1/targets?limit=1000')).json()) as { items: { id: string }[] }
      return list.items.map((item) => item.id)
    },
    waitFor,
    ready: async (withinMs = 45_000) =>
      void (await waitFor('ready', async () => (await fetch(`${url}/-/ready`)).ok, { withinMs })),
    stop,
  }
}

export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly tookMs: number
}

/** Runs `homeostat ARGS` to its end. */
export function runCommand(
  args: readonly string[],
  options: { env?: Readonly<Record<string, string>>; withinMs?: number } = {},
): Promise<CommandResult> {
  requireBuild()
  const from = performance.now()
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: environment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.withinMs ?? 45_000,
    killSignal: 'SIGKILL',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr, tookMs: performance.now() - from }))
  })
}
