import { spawn } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './deadline.ts'
import { freePort } from './ports.ts'
import { type OwnProcess, startProcess } from './process.ts'

const ROOT = join(import.meta.dirname, '../..')
/** For a command: a second mostly, more on a machine that others use too. */
const PATIENCE_MS = 60_000
/** Commands that go on until they are stopped. */
const DAEMON = /(^|&& )(\w+=\S+ )?npm start\b/
/** What is the reader's own: not linked into their checkout. */
const NOT_LINKED = ['data', 'node_modules']

/** The servers that stand in for those that the documents name. */
export interface Surroundings {
  readonly prometheusUrl: string
  /** Where a node_exporter's page is served, whatever the path. */
  readonly exporterPort: number
  readonly telegram: { readonly url: string; readonly token: string }
}

/** Somebody who does what a document says, in a checkout of their own with everything installed. */
export interface Reader {
  /** Runs a command; one that goes on is left running when it serves. @throws {Error} when it does not do */
  run(command: string): Promise<void>
  /** Saves a file that the document shows. */
  save(name: string, text: string): void
  /** What the last command that does not go on has said. */
  said(): string
  leave(): Promise<void>
}

/** Programs that stand in for those of the reader. */
function programsFor(port: number, fast: string): Readonly<Record<string, string>> {
  const ours = `exec ${process.execPath} ${ROOT}/dist/main.js`
  return {
    npm: `case "$*" in
  ci|"run build") exit 0 ;;
  start*) shift; [ "$1" = -- ] && shift
    [ $# = 0 ] && set -- --config ${fast}
    ${ours} run --web.listen-address 127.0.0.1:${port} "$@" ;;
  *) echo "npm $*: not known to this test" >&2; exit 64 ;;
esac`,
    npx: `[ "$1" = homeostat ] && shift && ${ours} "$@"; exit 64`,
    homeostat: `${ours} "$@"`,
    node: `exec ${process.execPath} "$@"`,
  }
}

/** Cycles take a second; ports, paths and addresses are free ones of this machine. */
export async function startReader({ prometheusUrl, exporterPort, telegram }: Surroundings): Promise<Reader> {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-reader-'))
  const [home, bin] = ['checkout', 'bin'].map((name) => join(folder, name))
  const port = await freePort()
  const fast = join(folder, 'fast.yaml')
  writeFileSync(fast, 'interval: 1s\n')
  // What answers with an error has not done; the document's `-s` alone would hide that.
  writeFileSync(join(folder, '.curlrc'), 'fail\nshow-error\nmax-time = 10\n')
  for (const directory of [home, bin]) mkdirSync(directory)
  for (const [name, text] of Object.entries(programsFor(port, fast))) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  for (const name of readdirSync(ROOT))
    if (!NOT_LINKED.includes(name) && !name.startsWith('.')) symlinkSync(join(ROOT, name), join(home, name))
  // "my.yaml" of the README is the reader's own; the token is what BotFather gives.
  writeFileSync(join(home, 'my.yaml'), 'interval: 1s\n')
  writeFileSync(join(home, 'telegram-token'), telegram.token)

  const env = { PATH: `${bin}:${process.env.PATH}`, HOME: folder, CURL_HOME: folder, TMPDIR: folder }
  const here = (text: string) =>
    text
      .replaceAll('127.0.0.1:9797', `127.0.0.1:${port}`)
      .replaceAll('http://prometheus:9090', prometheusUrl)
      .replaceAll('http://web-1:9100', `http://127.0.0.1:${exporterPort}`)
      .replaceAll('http://web-2:9100', `http://localhost:${exporterPort}`)
      .replaceAll('https://api.telegram.org', telegram.url)
      .replaceAll('/var/lib/homeostat', join(home, 'data'))
      .replaceAll('/var/backups/homeostat', join(folder, 'backup'))
      .replaceAll(/^( *)(chat_id: .*)$/gm, `$1$2\n$1api_url: ${telegram.url}`)

  let daemon: OwnProcess | undefined
  let starts = 0
  let said = ''

  async function stop(): Promise<void> {
    await daemon?.stop(15_000)
    daemon = undefined
  }

  async function start(command: string): Promise<void> {
    await stop()
    const logFile = join(folder, `log-${++starts}`)
    // The shell becomes the last program of its list, so that a signal reaches that.
    const started = await startProcess(command, ['bash', '-c', command], { cwd: home, logFile, env })
    daemon = started
    await until(() => readFileSync(logFile, 'utf8').includes('http://127.0.0.1:'), {
      what: `\`${command}\` says where it serves`,
      withinMs: PATIENCE_MS,
      vain: () => (started.isAlive() ? undefined : started.logTail()),
    })
  }

  async function attempt(command: string): Promise<true> {
    const child = spawn('bash', ['-o', 'pipefail', '-c', command], { cwd: home, env, timeout: PATIENCE_MS })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
    said = output
    if (code !== 0) throw new Error(`exit ${code}: ${output}`)
    return true
  }

  return {
    async run(command) {
      const [, service] = /^systemctl (start|stop) homeostat$/.exec(command) ?? []
      if (service === 'stop') return stop()
      if (service === 'start' || DAEMON.test(command)) return start(service ? 'npm start' : here(command))
      // Documents say how long something takes: what only asks is asked until it is there.
      const asks = /^curl /.test(command) && !/ -d | -X /.test(command)
      await until(() => attempt(here(command)), {
        what: `\`${command}\``,
        withinMs: asks ? PATIENCE_MS : 0,
        everyMs: 300,
        explain: () => daemon?.logTail() ?? '',
      })
    },
    save(name, text) {
      const isOurs = !/^(route|scrape_configs):/m.test(text)
      writeFileSync(join(home, name), `${here(text)}${isOurs ? 'interval: 1s\n' : ''}`)
    },
    said: () => said,
    async leave() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
