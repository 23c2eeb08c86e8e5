import { dirname } from 'node:path'
import type { Database } from 'better-sqlite3'
import { Kysely, sql } from 'kysely'
import { JournalError } from '../../pipeline/journal.ts'
import type { Clock } from '../../platform/clock.ts'
import { makeDir } from '../../platform/make-dir.ts'
import type { Engine } from './engine.ts'
import { corrupt, sqliteFailure } from './failures.ts'
import { sqliteDialect } from './sqlite-driver.ts'
import type { Tables } from './tables.ts'
import { wholeMs } from './texts.ts'

/** Waiting inside SQLite stops the whole process; longer waits are ours. */
const BUSY_MS = 100
const GIVE_UP_MS = 5000
const PAUSE_MS = 50

/** Of 4 kB. */
const CHECKPOINT_PAGES = 4000
/** What alerts of a thousand targets touch; taken as it is needed. */
const CACHE_KB = 16_000

export const IN_MEMORY = ':memory:'

/**
 * Opens the database file, makes it where there is none, and keeps other processes from doing so until it is closed.
 *
 * @param now the database's clock where it is not to be SQLite's own, ms since the epoch
 * @throws {JournalError} also when another process has it, or when it is damaged
 */
export async function openSqlite(file: string, clock: Clock, now?: () => number): Promise<Engine> {
  const failure = (error: unknown) => sqliteFailure(error, file)
  const unlock = await lockFile(file)
  let db: Database | undefined
  try {
    db = await openFile(file)
    checkFile(db, file)
  } catch (error) {
    db?.close()
    unlock()
    throw failure(error)
  }
  const kysely = new Kysely<Tables>({ dialect: sqliteDialect(db, failure) })
  return {
    kind: 'sqlite',
    db: kysely,
    now: (plusMs = 0) =>
      now ? sql`${wholeMs(now() + plusMs)}` : sql`cast(unixepoch('subsec') * 1000 as integer) + ${wholeMs(plusMs)}`,
    async transaction(work) {
      const until = clock.now() + GIVE_UP_MS
      while (true) {
        let begun = false
        try {
          return await kysely.transaction().execute((tx) => {
            begun = true
            return work(tx)
          })
        } catch (error) {
          const busy = !begun && error instanceof JournalError && error.reason === 'conflict'
          if (!busy || clock.now() >= until) throw error
          await clock.sleep(PAUSE_MS)
        }
      }
    },
    async close() {
      await kysely.destroy()
      db.close()
      unlock()
    },
  }
}

async function openFile(file: string): Promise<Database> {
  // Loaded only now: the native part must not meet a Node.js that is too old.
  const { default: Sqlite } = await import('better-sqlite3')
  return new Sqlite(file, { timeout: BUSY_MS })
}

function checkFile(db: Database, file: string): void {
  const found = db.pragma('quick_check(1)', { simple: true })
  if (found !== 'ok') throw corrupt(file, String(found).replaceAll(/\s+/g, ' '))
  db.pragma('journal_mode = wal')
  db.pragma('synchronous = full')
  // A page that is written again and again goes back into the file once, and with it the waits for the disk.
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  db.pragma(`cache_size = -${CACHE_KB}`)
  db.pragma('foreign_keys = on')
}

/**
 * Locks a file beside the database. The lock is the kernel's, by way of SQLite: it ends with the process, however that
 * ends, and holds between containers too.
 */
async function lockFile(file: string): Promise<() => void> {
  if (file === IN_MEMORY) return () => {}
  const lock = `${file}.lock`
  let db: Database | undefined
  try {
    await makeDir(dirname(file))
    db = await openFile(lock)
    db.pragma('locking_mode = exclusive')
    db.pragma('journal_mode = memory')
    db.exec('begin exclusive')
  } catch (error) {
    db?.close()
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) {
      const advice = 'end that one first, or give this one another data_dir'
      throw new JournalError('conflict', `another homeostat uses the store ${file}: ${advice}`, { cause: error })
    }
    throw sqliteFailure(error, file)
  }
  return () => void db.close()
}
