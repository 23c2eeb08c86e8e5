import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { until } from './deadline.ts'
import { ensurePackages } from './packages.ts'
import { freePort } from './ports.ts'
import { type OwnProcess, startProcess } from './process.ts'

/** Where Debian keeps the servers, by version. */
const SERVERS = '/usr/lib/postgresql'
const HOST = '127.0.0.1'
const DATABASE = 'homeostat'
const ADMIN = 'admin'

/** A real PostgreSQL of a test's own, with scram passwords, on a free loopback port. */
export interface Postgres {
  readonly port: number
  readonly dir: string
  /** Holds the password, as `store.password_file` wants it. */
  readonly passwordFile: string
  /** The certificate of `localhost`, which it shows. */
  readonly certificate: string
  /** Without the password. */
  url(port?: number): string
  /** Runs statements as the superuser, one after the other. */
  admin(...statements: readonly string[]): Promise<pg.QueryResult>
  /** Forgets all tables. */
  wipe(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  /** Starts it again on the same port and data. */
  restart(): Promise<void>
  stop(): Promise<void>
}

function binaries(): string {
  const versions = existsSync(SERVERS)
    ? readdirSync(SERVERS).filter((name) => existsSync(`${SERVERS}/${name}/bin/initdb`))
    : []
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0]
  if (newest !== undefined) return `${SERVERS}/${newest}/bin`
  ensurePackages(['postgresql'])
  return binaries()
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package has made. */
function unprivileged(command: readonly string[]): string[] {
  if (process.getuid?.() !== 0) return [...command]
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', ...command]
}

function run(command: readonly string[], cwd: string): void {
  const [program, ...args] = command
  execFileSync(program, args, { stdio: 'pipe', cwd })
}

export async function startPostgres(): Promise<Postgres> {
  const bin = binaries()
  const dir = mkdtempSync(join(tmpdir(), 'homeostat-postgres-'))
  const port = await freePort()
  const passwordFile = join(dir, 'password')
  const password = `secret-${port}`
  writeFileSync(passwordFile, `${password}\n`)
  const [certificate, key] = [join(dir, 'server.crt'), join(dir, 'server.key')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  run(
    ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-out', certificate, '-keyout', key, ...subject],
    dir,
  )
  if (process.getuid?.() === 0) run(['chown', '-R', 'postgres', dir], '/')
  chmodSync(dir, 0o755)
  const init = [`${bin}/initdb`, '-D', 'data', '-U', ADMIN, '--pwfile=password', '-A', 'scram-sha-256', '-E', 'UTF8']
  run(unprivileged([...init, '--locale=C.UTF-8']), dir)
  const tls = { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key }
  const settings = { listen_addresses: HOST, port, unix_socket_directories: dir, max_connections: 50, ...tls }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const command = unprivileged([`${bin}/postgres`, '-D', 'data', ...options])
  let own: OwnProcess

  async function admin(...statements: readonly string[]): Promise<pg.QueryResult> {
    return connected(DATABASE, statements)
  }

  async function connected(database: string, statements: readonly string[]): Promise<pg.QueryResult> {
    const client = new pg.Client({ host: HOST, port, user: ADMIN, password, database })
    client.on('error', () => {})
    await client.connect()
    try {
      let result: pg.QueryResult | undefined
      for (const statement of statements) result = await client.query(statement)
      return result!
    } finally {
      await client.end()
    }
  }

  async function launch(): Promise<void> {
    own = await startProcess('postgres', command, { cwd: dir, logFile: join(dir, 'log') })
    const vain = () => (own.isAlive() ? undefined : `postgres died:\n${own.logTail()}`)
    const ask = async () => (await connected('postgres', ['select 1'])).rowCount === 1
    await until(ask, { what: 'an answer of postgres', withinMs: 30_000, everyMs: 50, vain, explain: own.logTail })
  }

  async function stop(): Promise<void> {
    // SIGINT ends the connections too; SIGTERM would wait for them.
    own?.signal('SIGINT')
    await own?.stop()
    rmSync(dir, { recursive: true, force: true })
  }

  try {
    await launch()
    await connected('postgres', [
      `create role ${DATABASE} login password '${password}'`,
      `create database ${DATABASE} owner ${DATABASE}`,
    ])
  } catch (error) {
    await stop()
    throw error
  }

  return {
    port,
    dir,
    passwordFile,
    certificate,
    url: (at = port) => `postgres://${DATABASE}@${HOST}:${at}/${DATABASE}`,
    admin,
    wipe: async () =>
      void (await admin('drop schema public cascade', `create schema public authorization ${DATABASE}`)),
    async kill() {
      own.signal('SIGKILL')
      await until(() => !own.isAlive(), { what: 'postgres gone', withinMs: 5000, everyMs: 20 })
    },
    restart: launch,
    stop,
  }
}
