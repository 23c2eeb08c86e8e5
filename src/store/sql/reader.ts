import { existsSync } from 'node:fs'
import { Kysely } from 'kysely'
import type { Journal } from '../../pipeline/journal.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Engine } from './engine.ts'
import { sqliteFailure } from './failures.ts'
import { createJournal } from './journal.ts'
import { requireNewest } from './migrations.ts'
import { createNotNested } from './not-nested.ts'
import { sqliteDialect } from './sqlite-driver.ts'
import type { Tables } from './tables.ts'

/** A store that is only looked at, while another process may have it. */
export interface Reader {
  readonly journal: Journal
  close(): Promise<void>
}

/**
 * Opens the database file of a store to read in it. Nothing is locked, made or moved to a newer version.
 *
 * @returns undefined when there is no such file
 * @throws {JournalError} when it cannot be read
 */
export async function openReader(file: string, clock: Clock): Promise<Reader | undefined> {
  if (!existsSync(file)) return undefined
  const failure = (error: unknown) => sqliteFailure(error, file)
  const { default: Sqlite } = await import('better-sqlite3')
  let db: InstanceType<typeof Sqlite>
  try {
    db = new Sqlite(file, { readonly: true })
  } catch (error) {
    throw failure(error)
  }
  const dialect = sqliteDialect(db, failure)
  // Whoever only reads must not ask for the right to write.
  const createDriver = () => ({ ...dialect.createDriver(), beginTransaction: async () => void db.exec('begin') })
  const kysely = new Kysely<Tables>({ dialect: { ...dialect, createDriver } })
  const engine: Engine = {
    kind: 'sqlite',
    db: kysely,
    now: () => {
      throw new Error('a reader has no leases')
    },
    transaction: (work) => kysely.transaction().execute(work),
    close: () => kysely.destroy(),
  }
  try {
    await requireNewest(kysely)
  } catch (error) {
    await engine.close()
    throw error
  }
  return { journal: createJournal(engine, clock, 'reader', createNotNested()), close: engine.close }
}
