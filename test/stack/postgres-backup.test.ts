import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { codeBlocks, shellCommands } from '../support/document-commands.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'

const ALERT = {
  status: 'firing',
  labels: { alertname: 'Kept', instance: 'web-1:9100', job: 'node' },
  annotations: {},
  startsAt: '2026-11-21T10:00:00Z',
  endsAt: '0001-01-01T00:00:00Z',
}

let postgres: Postgres
let folder: string

beforeAll(async () => {
  postgres = await startPostgres()
  folder = mkdtempSync(join(tmpdir(), 'homeostat-backup-'))
  mkdirSync(join(folder, 'backup'))
})

afterAll(async () => {
  await postgres?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The commands of docs/operations.md that speak to PostgreSQL, in order. */
function documented(): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8')
  const blocks = codeBlocks(text).filter(({ language }) => language === 'sh')
  return blocks
    .flatMap((block) => shellCommands(block.text))
    .filter((command) => /^(pg_|createdb|dropdb)/.test(command))
}

function run(command: string): void {
  const { pathname: database, username } = new URL(postgres.url())
  expect([database, username]).toEqual(['/homeostat', 'homeostat'])
  const password = readFileSync(postgres.passwordFile, 'utf8').trim()
  const server = { PGHOST: '127.0.0.1', PGPORT: `${postgres.port}`, PGUSER: 'admin', PGPASSWORD: password }
  const here = command.replaceAll('/var/backups/homeostat', join(folder, 'backup'))
  execFileSync('bash', ['-c', here], { env: { ...process.env, ...server }, stdio: 'pipe' })
}

async function started(): Promise<Daemon> {
  const store = { url: postgres.url(), password_file: postgres.passwordFile }
  const daemon = await startDaemon({ config: { source: { type: 'push' }, store } })
  await daemon.ready()
  return daemon
}

const targetsOf = async (daemon: Daemon) => {
  const { items } = (await (await fetch(`${daemon.url}/api/v1/incidents`)).json()) as { items: { target: string }[] }
  return items.map(({ target }) => target)
}

it('docs/operations.md brings back what pg_dump has saved while Homeostat ran', async () => {
  const [dump, ...restore] = documented()
  const before = await started()
  const body = JSON.stringify({ version: '4', status: 'firing', alerts: [ALERT] })
  const headers = { 'Content-Type': 'application/json' }
  await fetch(`${before.url}/api/v1/webhooks/alertmanager`, { method: 'POST', headers, body })
  run(dump)
  await before.stop()

  for (const command of restore) run(command)
  const after = await started()

  const targets = await targetsOf(after)
  await after.stop()
  expect(restore).toHaveLength(3)
  expect(targets).toEqual(['web-1:9100@node'])
})
