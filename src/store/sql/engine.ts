import type { Kysely, RawBuilder, Transaction } from 'kysely'
import type { Tables } from './tables.ts'

/** A database that holds the store: what SQLite and PostgreSQL do differently. */
export interface Engine {
  readonly kind: 'sqlite' | 'postgres'
  readonly db: Kysely<Tables>
  /** The database's clock in whole ms since the epoch, as an expression. @param plusMs added to it */
  now(plusMs?: number): RawBuilder<number>
  /**
   * Runs work in one transaction; on PostgreSQL it may run again, when another transaction came between.
   *
   * @param alone whether it waits for all others that ask for the same; on SQLite all do
   * @throws {JournalError} when the database fails; what `work` throws otherwise is handed on
   */
  transaction<T>(work: (tx: Transaction<Tables>) => Promise<T>, alone?: boolean): Promise<T>
  close(): Promise<void>
}
