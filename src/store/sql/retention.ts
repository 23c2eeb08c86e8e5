import { setImmediate as letOthers } from 'node:timers/promises'
import { type RawBuilder, sql } from 'kysely'
import type { Engine } from './engine.ts'
import type { Tables } from './tables.ts'
import { wholeMs } from './texts.ts'

/** How long things are kept, ms. */
export interface Retention {
  /** Closed incidents, settled actions, changes, messages and nonces. */
  readonly keepMs: number
  readonly auditMs: number
}

const DAY_MS = 86_400_000
/** Repetitions of an alert come within hours. */
const DELIVERIES_MS = 7 * DAY_MS
const CLOSED_INCIDENTS_KEPT = 10_000
/** Targets of all changes together. */
const CHANGED_TARGETS_KEPT = 100_000
/** Of one target; its budget's bounds make more pointless. */
const VOTES_KEPT = 100
/** Rows a transaction, so that nobody waits long for one. */
const AT_ONCE = 1000
/** With each go hundreds of alerts and entries. */
const INCIDENTS_AT_ONCE = 100

/**
 * Forgets what is old; what goes on, and what waits to be sent, stays.
 *
 * @param now ms since the epoch
 * @returns rows forgotten, by table; only those with any
 */
export async function retain(engine: Engine, retention: Retention, now: number): Promise<Record<string, number>> {
  const old = wholeMs(now - retention.keepMs)
  const forgotten: Record<string, number> = {}

  /** Deletes the rows whose ids a query gives, a piece at a time. */
  async function forget(table: keyof Tables, id: string, which: RawBuilder<unknown>): Promise<void> {
    const most = table === 'incidents' ? INCIDENTS_AT_ONCE : AT_ONCE
    const statement = sql`delete from ${sql.table(table)} where ${sql.ref(id)} in (${which} limit ${most})`
    while (true) {
      const { numAffectedRows = 0n } = await statement.execute(engine.db)
      if (numAffectedRows > 0n) forgotten[table] = (forgotten[table] ?? 0) + Number(numAffectedRows)
      if (numAffectedRows < most) return
      await letOthers()
    }
  }

  await forget(
    'incidents',
    'id',
    sql`select id from incidents where state = 'closed' and (coalesce(ended_at, opened_at) < ${old} or id < (
      select id from incidents where state = 'closed' order by id desc limit 1 offset ${CLOSED_INCIDENTS_KEPT - 1}))`,
  )
  // A key that is forgotten could be planned again: not while its incident goes on.
  await forget(
    'actions',
    'id',
    sql`select id from actions where created_at < ${old}
      and state in ('VERIFIED', 'ESCALATED', 'REFUSED', 'EXPIRED', 'DRY_RUN')
      and not exists (select 1 from incidents i where i.id = actions.incident_id and i.state <> 'closed')`,
  )
  await forget(
    'alert_deliveries',
    'key',
    sql`select key from alert_deliveries where at < ${wholeMs(now - DELIVERIES_MS)}`,
  )
  await forget('silences', 'id', sql`select id from silences where until_at < ${old}`)
  await forget(
    'changes',
    'id',
    sql`select id from (select id, to_at, at, sum(target_count) over (order by at desc, id desc) as total from changes) c
      where (to_at < ${old} and at < ${old}) or total > ${CHANGED_TARGETS_KEPT}`,
  )
  await forget(
    'votes',
    'incident',
    sql`select incident from (
      select incident, row_number() over (partition by target order by at desc, incident desc) as place from votes) v
      where place > ${VOTES_KEPT}`,
  )
  const sent = sql`select seq from messages where routed = 1 and at < ${old}
    and not exists (select 1 from sendings s where s.message_seq = messages.seq and s.state = 'waiting')`
  await forget('sendings', 'seq', sql`select seq from sendings where message_seq in (${sent})`)
  await forget('messages', 'seq', sent)
  await forget('nonces', 'nonce', sql`select nonce from nonces where expires_at < ${wholeMs(now - DELIVERIES_MS)}`)
  await forget('presences', 'owner', sql`select owner from presences where until_at < ${engine.now(-DAY_MS)}`)
  await forgetAudit(engine, wholeMs(now - retention.auditMs), forgotten)
  return forgotten
}

/** Cuts the chain's old end off; the hash of the last entry that goes becomes the anchor of the first that stays. */
async function forgetAudit(engine: Engine, old: number, forgotten: Record<string, number>): Promise<void> {
  await engine.transaction(async (tx) => {
    const kept = await tx
      .selectFrom('audit')
      .select((eb) => eb.fn.min('seq').as('seq'))
      .where('at', '>=', old)
      .executeTakeFirst()
    const last = tx.selectFrom('audit').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1)
    const cut = await (kept?.seq ? last.where('seq', '<', kept.seq) : last).executeTakeFirst()
    if (cut === undefined) return
    await tx.updateTable('audit_head').set({ anchor_seq: cut.seq, anchor_hash: cut.hash }).where('id', '=', 1).execute()
    const { numDeletedRows } = await tx.deleteFrom('audit').where('seq', '<=', cut.seq).executeTakeFirst()
    forgotten['audit'] = Number(numDeletedRows)
  }, true)
}
