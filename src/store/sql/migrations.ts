import { type CreateTableBuilder, type Kysely, sql, type Transaction } from 'kysely'
import { JournalError } from '../../pipeline/journal.ts'
import type { Engine } from './engine.ts'
import { giveListsRows } from './migration-lists.ts'
import type { Tables } from './tables.ts'

type Migration = (tx: Transaction<Tables>, kind: Engine['kind']) => Promise<void>

/** In order; the first makes version 1. One that was released is never changed again. */
const MIGRATIONS: readonly Migration[] = [createTables, tellRemediesApart, addDigests, giveListsRows]

/** Hash before the first link of the audit's chain. */
export const GENESIS = '0'.repeat(64)

/**
 * Brings the tables to the newest version, whole or not at all; of several processes that start at once, one does it and
 * the others wait.
 *
 * @throws {JournalError} when a newer version of Homeostat has written them
 */
export async function migrate(engine: Engine): Promise<void> {
  await engine.transaction(async (tx) => {
    const version = await versionOf(tx)
    if (version > MIGRATIONS.length) {
      const known = `version ${version}, this one knows ${MIGRATIONS.length}`
      throw new JournalError(
        'internal',
        `a newer homeostat has written this store (${known}): run that one again, or restore a backup from before`,
      )
    }
    if (version === MIGRATIONS.length) return
    for (const migration of MIGRATIONS.slice(version)) await migration(tx, engine.kind)
    await tx.deleteFrom('schema_version').execute()
    await tx.insertInto('schema_version').values({ version: MIGRATIONS.length }).execute()
  }, true)
}

/** @throws {JournalError} when the tables are those of another version, for who may not change them */
export async function requireNewest(db: Kysely<Tables>): Promise<void> {
  const { version } = await db.selectFrom('schema_version').select('version').executeTakeFirstOrThrow()
  if (version === MIGRATIONS.length) return
  const problem = version < MIGRATIONS.length ? 'an older homeostat' : 'a newer homeostat'
  const advice = version < MIGRATIONS.length ? 'start the daemon of this version once' : 'use that version'
  throw new JournalError('internal', `${problem} has written this store: ${advice}`)
}

async function versionOf(tx: Kysely<Tables>): Promise<number> {
  await tx.schema.createTable('schema_version').ifNotExists().addColumn('version', 'integer').execute()
  const row = await tx.selectFrom('schema_version').select('version').executeTakeFirst()
  return row?.version ?? 0
}

async function createTables(tx: Transaction<Tables>, kind: Engine['kind']): Promise<void> {
  // Ids must compare by their bytes, whatever language the database was made for.
  const text = kind === 'postgres' ? sql`text collate "C"` : sql`text`
  const number = kind === 'postgres' ? sql`bigint` : sql`integer`
  const serial = kind === 'postgres' ? sql`bigserial primary key` : sql`integer primary key autoincrement`

  /** Columns as `name kind`, with `?` where they may be empty; `key` makes the primary key. */
  const create = async (table: keyof Tables, columns: string, ...key: string[]) => {
    let builder: CreateTableBuilder<string, string> = tx.schema.createTable(table)
    for (const [name, type] of columns.split(',').map((column) => column.trim().split(' '))) {
      if (type === 'serial') builder = builder.addColumn(name, serial)
      else {
        const data = type.startsWith('text') ? text : number
        builder = builder.addColumn(name, data, (c) => (type.endsWith('?') ? c : c.notNull()))
      }
    }
    if (key.length > 0) builder = builder.addPrimaryKeyConstraint(`${table}_key`, key)
    await builder.execute()
  }
  const index = (table: keyof Tables, columns: readonly string[]) =>
    tx.schema
      .createIndex(`${table}_by_${columns.join('_')}`)
      .on(table)
      .columns(columns as string[])

  await create('incidents', 'id text, target text, state text, opened_at ms, ended_at ms?, document text', 'id')
  await index('incidents', ['target', 'id']).execute()
  await index('incidents', ['ended_at']).execute()
  await tx.schema
    .createIndex('incidents_one_open')
    .unique()
    .on('incidents')
    .column('target')
    .where(sql`state`, '<>', sql.lit('closed'))
    .execute()

  await create(
    'actions',
    'id text, incident_id text?, key text, target text, state text, epoch int, owner text?, lease_until ms?, created_at ms, document text',
    'id',
  )
  await index('actions', ['key']).unique().execute()
  await index('actions', ['state']).execute()
  await index('actions', ['target', 'id']).execute()
  await index('actions', ['incident_id', 'id']).execute()
  await index('actions', ['created_at']).execute()
  await create('target_locks', 'target text, action_id text', 'target')
  await index('target_locks', ['action_id']).unique().execute()

  await create('alert_deliveries', 'key text, at ms', 'key')
  await index('alert_deliveries', ['at']).execute()

  await create('kill_switch', 'id int, by_whom text?, reason text?, at ms?, lifted_at ms?', 'id')
  await create('silences', 'id text, target text, from_at ms, until_at ms, by_whom text, text text', 'id')
  await index('silences', ['until_at']).execute()
  await create(
    'standings',
    'rule text, group_name text, mode text, right_count int, wrong_count int, since ms',
    'rule',
    'group_name',
  )
  await create('changes', 'id text, from_at ms, to_at ms, at ms, text text, targets text, target_count int', 'id')
  await create('votes', 'incident text, target text, useful int, at ms', 'incident')

  await create('audit', 'seq int, at ms, by_whom text, kind text, subject text, text text, data text, hash text', 'seq')
  await create('audit_head', 'id int, seq int, hash text, anchor_seq int, anchor_hash text', 'id')
  const start = { seq: 0, hash: GENESIS, anchor_seq: 0, anchor_hash: GENESIS }
  await tx
    .insertInto('audit_head')
    .values({ id: 1, ...start })
    .execute()

  await create('messages', 'seq serial, key text, at ms, incident_id text?, routed int, document text')
  await index('messages', ['key']).unique().execute()
  await index('messages', ['routed', 'seq']).execute()
  await create(
    'sendings',
    'seq serial, message_seq int, receiver text, incident_id text?, state text, attempts int, due_at ms, settled_at ms?, handle text?, reason text?, owner text?, lease_until ms?',
  )
  await index('sendings', ['message_seq', 'receiver']).unique().execute()
  await index('sendings', ['state', 'receiver', 'seq']).execute()
  await index('sendings', ['incident_id', 'receiver', 'seq']).execute()
  await create('nonces', 'nonce text, content text, expires_at ms, used_at ms?', 'nonce')
  await create('health', 'id int, checked_at ms', 'id')
  await tx.insertInto('health').values({ id: 1, checked_at: 0 }).execute()
  await create('presences', 'owner text, until_at ms', 'owner')
}

/** What only tells people can be many thousands, and must not stand between the guards and what was done. */
async function tellRemediesApart(tx: Transaction<Tables>, kind: Engine['kind']): Promise<void> {
  const number = kind === 'postgres' ? sql`bigint` : sql`integer`
  await tx.schema
    .alterTable('actions')
    .addColumn('touches', number, (column) => column.notNull().defaultTo(1))
    .execute()
  const name = kind === 'postgres' ? sql`document::json ->> 'action'` : sql`json_extract(document, '$.action')`
  await sql`update actions set touches = 0 where ${name} = 'alert'`.execute(tx)
  await tx.schema
    .createIndex('actions_by_touches_created_at')
    .on('actions')
    .columns(['touches', 'created_at'])
    .execute()
}

/** What an incident's document is, in short, so that one that is known already need not be read again. */
async function addDigests(tx: Transaction<Tables>, kind: Engine['kind']): Promise<void> {
  const text = kind === 'postgres' ? sql`text collate "C"` : sql`text`
  await tx.schema
    .alterTable('incidents')
    .addColumn('digest', text, (column) => column.notNull().defaultTo(sql.lit('')))
    .execute()
  // All that a look at the open ones needs: their rows, which are long, are left alone.
  await tx.schema
    .createIndex('incidents_open_digests')
    .on('incidents')
    .columns(['id', 'digest'])
    .where(sql`state`, '<>', sql.lit('closed'))
    .execute()
}
