import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeBlocks, fileNameIn, shellCommands } from '../support/document-commands.ts'
import { type Reader, startReader } from '../support/document-reader.ts'
import { type FakePrometheus, startFakePrometheus } from '../support/fake-prometheus.ts'
import { startTelegram, type TelegramServer } from '../support/telegram-server.ts'

const ROOT = join(import.meta.dirname, '../..')
const CHAT = 42
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
  [/^(pg_dump|pg_restore|createdb|dropdb) /, 'test/stack/postgres-backup.test.ts runs them'],
  [/^journalctl /, 'the journal of systemd'],
  [/^(df|timedatectl) /, 'about the machine of the reader'],
]

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

/** Somebody who has servers as the documents name them, and leaves when `work` is done. */
async function asReader(work: (reader: Reader) => Promise<void>): Promise<void> {
  const { port: exporterPort } = exporter.address() as AddressInfo
  const reader = await startReader({ prometheusUrl: prometheus.url, exporterPort, telegram })
  try {
    await work(reader)
  } finally {
    await reader.leave()
  }
}

describe.concurrent('whoever follows', { timeout: 180_000 }, () => {
  it('README.md sees what it says', () =>
    asReader(async (reader) => {
      const ran = await follow('README.md', reader)

      expect(ran.length).toBeGreaterThan(7)
    }))

  it('docs/quick-start.md has scores, an incident and a message', () =>
    asReader(async (reader) => {
      const ran = await follow('docs/quick-start.md', reader)

      expect(ran.length).toBeGreaterThan(12)
      expect(telegram.messages(CHAT).map(({ text }) => text)).toEqual([expect.stringMatching(/test/i)])
    }))

  it('docs/operations.md has again what was backed up, and nothing is frozen', () =>
    asReader(async (reader) => {
      await reader.run('npm start')
      await reader.run(`curl -s 127.0.0.1:9797/api/v1/webhooks/alertmanager --json '${ALERT}'`)

      const ran = await follow('docs/operations.md', reader)

      expect(ran).toContain('systemctl start homeostat')
      await reader.run('curl -s 127.0.0.1:9797/api/v1/incidents')
      expect(reader.said()).toContain('web-1:9100@node')
      await reader.run('curl -s 127.0.0.1:9797/api/v1/freeze')
      expect(JSON.parse(reader.said())).toMatchObject({ frozen: false })
    }))

  it('docs/troubleshooting.md can ask what it tells to ask', () =>
    asReader(async (reader) => {
      await reader.run('npm start')

      const ran = await follow('docs/troubleshooting.md', reader)

      expect(ran.length).toBeGreaterThan(5)
    }))
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
