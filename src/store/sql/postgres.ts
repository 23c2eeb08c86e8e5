import { readFileSync } from 'node:fs'
import { Kysely, PostgresDialect, sql } from 'kysely'
import type { PoolConfig } from 'pg'
import { JournalError } from '../../pipeline/journal.ts'
import type { Environment } from '../../platform/environment.ts'
import type { Logger } from '../../platform/logger.ts'
import { readSecret, type SecretReference } from '../../platform/secrets.ts'
import type { Engine } from './engine.ts'
import { isRace, postgresFailure } from './failures.ts'
import { guardedPool } from './postgres-pool.ts'
import type { Tables } from './tables.ts'
import { wholeMs } from './texts.ts'

export interface PostgresDatabase {
  readonly kind: 'postgres'
  /** `postgres://USER@HOST:PORT/DATABASE`, without a password. */
  readonly url: string
  /** Undefined where the server asks for none. */
  readonly password?: SecretReference
}

/** The server ends what takes longer, and a transaction of somebody who went silent; before we give it up ourselves. */
const STATEMENT_MS = 4500
const SILENT_TRANSACTION_MS = 3500
const GIVE_UP_MS = 5000
const CONNECTIONS = 8
/** Runs of one transaction when others keep coming between. */
const TRIES = 5

/** Any number that nobody else locks in the same database. */
const ADVISORY_LOCK = 7_366_453_094
/** int8, which would otherwise come as text; ours are times and counts, far below 2^53. */
const INT8 = 20

/**
 * Opens a pool of connections; they are made, and made again, as they are needed.
 *
 * @throws {JournalError} `unreachable` when the first cannot be made
 */
export async function openPostgres(
  database: PostgresDatabase,
  { environment, logger }: { readonly environment: Environment; readonly logger: Pick<Logger, 'warn'> },
): Promise<Engine> {
  // Loaded only where it is used.
  const { default: pg } = await import('pg')
  const place = placeOf(database.url)
  const failure = (error: unknown) => postgresFailure(error, place)
  const { password } = database
  const pool = new pg.Pool({
    ...connectionOf(database.url, failure),
    // Asked for at every connection, so that a rotated password is followed.
    password: password && (() => readSecret(password, environment).reveal()),
    max: CONNECTIONS,
    connectionTimeoutMillis: GIVE_UP_MS,
    query_timeout: GIVE_UP_MS,
    statement_timeout: STATEMENT_MS,
    idle_in_transaction_session_timeout: SILENT_TRANSACTION_MS,
    keepAlive: true,
    types: {
      getTypeParser: (type: number, format: 'text' | 'binary') =>
        type === INT8 ? Number : pg.types.getTypeParser(type, format),
    } as PoolConfig['types'],
  })
  pool.on('error', (err) => logger.warn({ err: failure(err) }, 'a connection to PostgreSQL was lost'))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: guardedPool(pool, failure) }) })

  return {
    kind: 'postgres',
    db,
    now: (plusMs = 0) => sql`floor(extract(epoch from clock_timestamp()) * 1000)::bigint + ${wholeMs(plusMs)}`,
    async transaction(work, alone = false) {
      for (let left = TRIES - 1; ; left--) {
        try {
          return await db.transaction().execute(async (tx) => {
            if (alone) await sql`select pg_advisory_xact_lock(${ADVISORY_LOCK})`.execute(tx)
            return work(tx)
          })
        } catch (error) {
          if (left === 0 || !isRace(error)) throw ours(error)
        }
      }
    },
    close: () => db.destroy(),
  }
}

/** PostgreSQL rolls back, and says so without an error, when a statement had failed and nobody minded. */
function ours(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'AbortedTransactionError') return error
  return new JournalError('internal', 'a transaction went on after one of its statements had failed', { cause: error })
}

function placeOf(url: string): string {
  const { host, pathname, searchParams } = new URL(url)
  return `${searchParams.get('host') ?? host}${pathname}`
}

/** The parts of a URL that the configuration has checked. @throws {JournalError} when the CA's file cannot be read */
function connectionOf(url: string, failure: (error: unknown) => Error): PoolConfig {
  const { hostname, port, username, pathname, searchParams } = new URL(url)
  const sslmode = searchParams.get('sslmode') ?? 'disable'
  const authority = searchParams.get('sslrootcert')
  let ca: string | undefined
  try {
    ca = authority === null ? undefined : readFileSync(authority, 'utf8')
  } catch (error) {
    throw failure(error)
  }
  return {
    host: searchParams.get('host') ?? hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? 5432 : Number(port),
    user: decodeURIComponent(username) || undefined,
    database: decodeURIComponent(pathname.slice(1)) || undefined,
    application_name: 'homeostat',
    ssl: sslmode === 'disable' ? false : { rejectUnauthorized: sslmode === 'verify-full', ca },
  }
}
