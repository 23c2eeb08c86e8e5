import type { Journal } from '../../pipeline/journal.ts'
import { JournalError } from '../../pipeline/journal.ts'
import type { Outbox } from '../../pipeline/outbox.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Environment } from '../../platform/environment.ts'
import type { Logger } from '../../platform/logger.ts'
import { type AuditFinding, verifyAudit } from './audit-chain.ts'
import type { Engine } from './engine.ts'
import { createJournal } from './journal.ts'
import { migrate } from './migrations.ts'
import { createNotNested } from './not-nested.ts'
import { createOutbox } from './outbox.ts'
import { openPostgres, type PostgresDatabase } from './postgres.ts'
import { type Retention, retain } from './retention.ts'
import { openSqlite } from './sqlite.ts'
import { wholeMs } from './texts.ts'

export interface StoreOptions {
  readonly database: { readonly kind: 'sqlite'; readonly file: string } | PostgresDatabase
  readonly retention: Retention
}

export interface StoreDependencies {
  readonly clock: Clock
  /** This process: the owner of its claims. No other process, before or beside, has the same. */
  readonly owner: string
  readonly logger: Pick<Logger, 'warn'>
  /** Where the password is read from, at every connection. */
  readonly environment: Environment
}

/** Everything that must survive a restart. None of its calls may be made inside of a transaction. */
export interface Store extends Journal, Outbox {
  /** What is wrong now, found by writing; undefined when nothing is. */
  health(): Promise<JournalError | undefined>
  /**
   * Says that this process lives, for so long by the database's clock.
   *
   * @returns the owners that live, for `abandoned`
   */
  presence(forMs: number): Promise<readonly string[]>
  /** Follows the audit's chain of hashes. */
  verifyAudit(): Promise<AuditFinding>
  /** Forgets what is old. @returns rows forgotten, by table */
  retain(now: number): Promise<Readonly<Record<string, number>>>
  close(): Promise<void>
}

/**
 * Opens the store and brings its tables to the newest version.
 *
 * @throws {JournalError} when it cannot be used, saying what to do
 */
export async function openStore(options: StoreOptions, dependencies: StoreDependencies): Promise<Store> {
  const { clock } = dependencies
  const { database, retention } = options
  const engine =
    database.kind === 'sqlite' ? await openSqlite(database.file, clock) : await openPostgres(database, dependencies)
  return storeOn(engine, retention, dependencies)
}

/** The store on an open database, which is closed again when that fails. */
export async function storeOn(
  engine: Engine,
  retention: Retention,
  dependencies: Pick<StoreDependencies, 'clock' | 'owner'>,
): Promise<Store> {
  const { clock, owner } = dependencies
  try {
    await migrate(engine)
    if (engine.kind === 'sqlite') await forgetOwners(engine)
  } catch (error) {
    await engine.close()
    throw error
  }

  const nesting = createNotNested()
  return nesting.outside<Store>({
    ...createJournal(engine, clock, owner, nesting),
    ...createOutbox(engine, owner),
    presence: (forMs) => present(engine, owner, forMs),
    health: () => health(engine, wholeMs(clock.now())),
    verifyAudit: () => verifyAudit(engine.db),
    retain: (now) => retain(engine, retention, now),
    close: () => engine.close(),
  })
}

/** Nobody else has the file: whoever had it before is gone, and goes on with nothing. */
async function forgetOwners({ db }: Engine): Promise<void> {
  await db.deleteFrom('presences').execute()
  await db.updateTable('sendings').set({ owner: null, lease_until: null }).where('owner', 'is not', null).execute()
}

async function present(engine: Engine, owner: string, forMs: number): Promise<readonly string[]> {
  const until_at = engine.now(forMs)
  await engine.db
    .insertInto('presences')
    .values({ owner, until_at })
    .onConflict((conflict) => conflict.column('owner').doUpdateSet({ until_at }))
    .execute()
  const rows = await engine.db.selectFrom('presences').select('owner').where('until_at', '>', engine.now()).execute()
  return rows.map((row) => row.owner)
}

async function health({ db }: Engine, at: number): Promise<JournalError | undefined> {
  try {
    await db.updateTable('health').set({ checked_at: at }).execute()
    return undefined
  } catch (error) {
    if (error instanceof JournalError) return error
    throw error
  }
}
