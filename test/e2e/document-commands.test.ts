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
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/deadline.ts'
import { codeBlocks, fileNameIn, shellCommands } from '../support/document-commands.ts'
import { type FakePrometheus, startFakePrometheus } from '../support/fake-prometheus.ts'
import { freePort } from '../support/ports.ts'
import { type OwnProcess, startProcess } from '../support/process.ts'
import { startTelegram, type TelegramServer } from '../support/telegram-server.ts'

const ROOT = join(import.meta.dirname, '../..')
const CHAT = 42
/** For a command: a second mostly, more on a machine that others use too. */
const PATIENCE_MS = 60_000
const DOCUMENTS = ['README.md', 'docs/quick-start.md', 'docs/operations.md', 'docs/troubleshooting.md']

/** What is not run here, and why; all else is, and an entry that no document needs fails. */
const NOT_RUN: readonly (readonly [RegExp, string])[] = [
  [/^npm ci && npm run demo$/, 'test/e2e/demo.test.ts runs it'],
  [/^npm ci && npm test$/, 'this very test would be run by it'],
  [/^(TOKEN=\$\()?docker compose /, 'images must be fetched: scripts/compose.test.ts reads the file'],
  [/\$TOKEN/, 'the token is made by Docker Compose'],
  [/127\.0\.0\.1:9090/, 'the Prometheus of Docker Compose, which has scraped scores by then'],
  [/^(promtool|amtool) /, 'programs of Prometheus and Alertmanager: test/stack/alert-files.test.ts runs them'],
  [/prometheus:9090\/(-\/reload|api\/v1\/)/, 'a Prometheus of the reader'],
  [/\/actions\/ID\/approve/, 'an action must wait for a person: test/e2e/remediation.test.ts approves one'],
  [/^chown /, 'there need not be a user homeostat'],
  [/^journalctl /, 'the journal of systemd'],
  [/^(df|timedatectl) /, 'about the machine of the reader'],
]

/** Commands that go on until they are stopped. */
const DAEMON = /(^|&& )(\w+=\S+ )?npm start\b/

interface Reader {
  /** Runs a command as a reader of the document would, in their folder. @throws {Error} when it does not do */
  run(command: string): Promise<void>
  /** Saves a file that the document shows. */
  save(name: string, text: string): void
  /** What the last command that does not go on has said. */
  said(): string
  leave(): Promise<void>
}

let prometheus: FakePrometheus
let telegram: TelegramServer
let exporter: Server

beforeAll(async () => {
  prometheus = await startFakePrometheus(['web-1:9100', 'web-2:9100'], 'node')
  telegram = await startTelegram({ chats: [CHAT] })
  const page = readFileSync(join(ROOT, 'test/fixtures/observe/node_exporter-0.txt'))
  exporter = createServer((_request, response) => void response.setHeader('Content-Type', 'text/plain').end(page))
  await new Promise<void>((resolve) => exporter.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  await prometheus?.close()
  await telegram?.close()
  exporter?.close()
})

/** Programs that stand in for those of the reader: npm with everything installed, ours as built, services as processes. */
const PROGRAMS = (node: string, port: number, fast: string) => ({
  npm: `case "$*" in
  ci|"run build") exit 0 ;;
  start*) shift; [ "$1" = -- ] && shift
    [ $# = 0 ] && set -- --config ${fast}
    exec ${node} ${ROOT}/dist/main.js run --web.listen-address 127.0.0.1:${port} "$@" ;;
  *) echo "npm $*: not known to this test" >&2; exit 64 ;;
esac`,
  npx: `[ "$1" = homeostat ] && shift && exec ${node} ${ROOT}/dist/main.js "$@"; exit 64`,
  homeostat: `exec ${node} ${ROOT}/dist/main.js "$@"`,
  node: `exec ${node} "$@"`,
})

async function startReader(): Promise<Reader> {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-reader-'))
  const [home, bin] = ['checkout', 'bin'].map((name) => join(folder, name))
  const port = await freePort()
  const fast = join(folder, 'fast.yaml')
  writeFileSync(fast, 'interval: 1s\n')
  // What answers with an error has not done; the document's `-s` alone would hide that.
  writeFileSync(join(folder, '.curlrc'), 'fail\nshow-error\nmax-time = 10\n')
  for (const directory of [home, bin]) mkdirSync(directory)
  for (const [name, text] of Object.entries(PROGRAMS(process.execPath, port, fast))) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  for (const name of readdirSync(ROOT)) {
    if (!['data', 'node_modules'].includes(name) && !name.startsWith('.'))
      symlinkSync(join(ROOT, name), join(home, name))
  }
  // "my.yaml" of the README is the reader's own; the token is what BotFather gives.
  writeFileSync(join(home, 'my.yaml'), 'interval: 1s\n')
  writeFileSync(join(home, 'telegram-token'), telegram.token)

  const env = { PATH: `${bin}:${process.env.PATH}`, HOME: folder, CURL_HOME: folder, TMPDIR: folder }
  const exporterPort = (exporter.address() as AddressInfo).port
  const here = (text: string) =>
    text
      .replaceAll('127.0.0.1:9797', `127.0.0.1:${port}`)
      .replaceAll('http://prometheus:9090', prometheus.url)
      .replaceAll('http://web-1:9100', `http://127.0.0.1:${exporterPort}`)
      .replaceAll('http://web-2:9100', `http://localhost:${exporterPort}`)
      .replaceAll('https://api.telegram.org', telegram.url)
      .replaceAll('/var/lib/homeostat', join(home, 'data'))
      .replaceAll('/var/backups/homeostat', join(folder, 'backup'))
      .replaceAll(/^( *)(chat_id: .*)$/gm, `$1$2\n$1api_url: ${telegram.url}`)

  let daemon: OwnProcess | undefined
  let said = ''

  async function stop(): Promise<void> {
    await daemon?.stop(15_000)
    daemon = undefined
  }

  async function start(command: string): Promise<void> {
    await stop()
    const logFile = join(folder, `log-${Date.now()}`)
    const started = await startProcess(command, ['bash', '-c', command], { cwd: home, logFile, env })
    daemon = started
    await until(() => readFileSync(logFile, 'utf8').includes('http://127.0.0.1:'), {
      what: `\`${command}\` says where it serves`,
      withinMs: PATIENCE_MS,
      vain: () => (started.isAlive() ? undefined : started.logTail()),
    })
  }

  /** Again until it does: documents say how long something takes, here a cycle is a second. */
  async function once(command: string): Promise<void> {
    const asks = /^curl /.test(command) && !/ -d | -X /.test(command)
    await until(async () => await attempt(command), {
      what: `\`${command}\``,
      withinMs: asks ? PATIENCE_MS : 0,
      everyMs: 300,
      explain: () => daemon?.logTail() ?? '',
    })
  }

  async function attempt(command: string): Promise<true> {
    const child = spawn('bash', ['-o', 'pipefail', '-c', command], { cwd: home, env, timeout: PATIENCE_MS })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
    said = output
    if (code !== 0) throw new Error(`exit ${code}: ${output}`)
    return true
  }

  return {
    async run(command) {
      const [, service] = /^systemctl (start|stop) homeostat$/.exec(command) ?? []
      if (service === 'stop') await stop()
      else if (service === 'start') await start('npm start')
      else if (DAEMON.test(command)) await start(here(command))
      else await once(here(command))
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

const read = (name: string) => readFileSync(join(ROOT, name), 'utf8')
const reasonOf = (command: string) => NOT_RUN.find(([pattern]) => pattern.test(command))?.[1]

/** Saves the files of a document and runs its commands, in order. @returns those that were run */
async function follow(name: string, reader: Reader): Promise<string[]> {
  const ran: string[] = []
  for (const block of codeBlocks(read(name))) {
    const file = fileNameIn(block)
    if (file !== undefined) reader.save(file, block.text)
    if (block.language !== 'sh') continue
    for (const command of shellCommands(block.text)) {
      if (reasonOf(command) !== undefined) continue
      await reader.run(command)
      ran.push(command)
    }
  }
  return ran
}

describe.concurrent('whoever follows', { timeout: 180_000 }, () => {
  it('README.md sees what it says', async () => {
    const reader = await startReader()
    try {
      expect((await follow('README.md', reader)).length).toBeGreaterThan(7)
    } finally {
      await reader.leave()
    }
  })

  it('docs/quick-start.md has scores, an incident and a message', async () => {
    const reader = await startReader()
    try {
      expect((await follow('docs/quick-start.md', reader)).length).toBeGreaterThan(12)

      expect(telegram.messages(CHAT).map(({ text }) => text)).toEqual([expect.stringMatching(/test/i)])
    } finally {
      await reader.leave()
    }
  })

  it('docs/operations.md has again what was backed up, and nothing is frozen', async () => {
    const reader = await startReader()
    try {
      await reader.run('npm start')
      await reader.run(`curl -s http://127.0.0.1:9797/-/ready`)
      await reader.run(
        `curl -s http://127.0.0.1:9797/api/v1/webhooks/alertmanager -H 'Content-Type: application/json' -d '${ALERT}'`,
      )

      const ran = await follow('docs/operations.md', reader)

      expect(ran).toContain('systemctl start homeostat')
      await reader.run('curl -s http://127.0.0.1:9797/api/v1/incidents')
      expect(reader.said()).toContain('web-1:9100@node')
      await reader.run('curl -s http://127.0.0.1:9797/api/v1/freeze')
      expect(JSON.parse(reader.said())).toMatchObject({ frozen: false })
    } finally {
      await reader.leave()
    }
  })

  it('docs/troubleshooting.md can ask what it tells to ask', async () => {
    const reader = await startReader()
    try {
      await reader.run('npm start')
      await reader.run(`curl -s http://127.0.0.1:9797/-/ready`)

      expect((await follow('docs/troubleshooting.md', reader)).length).toBeGreaterThan(5)
    } finally {
      await reader.leave()
    }
  })
})

const ALERT = JSON.stringify({
  version: '4',
  status: 'firing',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'Kept', instance: 'web-1:9100', job: 'node' },
      annotations: {},
      startsAt: '2026-11-21T10:00:00Z',
      endsAt: '0001-01-01T00:00:00Z',
    },
  ],
})

it('each exception is one that a document needs, and its witness is there', () => {
  const commands = DOCUMENTS.flatMap((name) =>
    codeBlocks(read(name)).flatMap(({ language, text }) => (language === 'sh' ? shellCommands(text) : [])),
  )
  const witnesses = NOT_RUN.flatMap(([, reason]) => reason.match(/\S+\.test\.ts/g) ?? [])

  const needless = NOT_RUN.filter(([pattern]) => !commands.some((command) => pattern.test(command)))

  expect(needless.map(([pattern]) => String(pattern))).toEqual([])
  expect(witnesses.filter((path) => !readdirSync(join(ROOT, dirname(path))).includes(path.split('/').at(-1)!))).toEqual(
    [],
  )
})
