import type { Transaction } from 'kysely'
import type { Message } from '../../domain/message.ts'
import type { Journal, JournalEntries } from '../../pipeline/journal.ts'
import type { Clock } from '../../platform/clock.ts'
import { openAudit } from './audit-chain.ts'
import type { Engine } from './engine.ts'
import { incidentRows } from './incident-rows.ts'
import { KnownIncidents } from './known-incidents.ts'
import { KnownLedger } from './known-ledger.ts'
import { ledger } from './ledger.ts'
import type { NotNested } from './not-nested.ts'
import { peopleRows } from './people-rows.ts'
import type { Tables } from './tables.ts'
import { indexable, pieces, wholeMs } from './texts.ts'

/** The journal on a database. @param owner this process; nobody else, before or beside, has the same */
export function createJournal(engine: Engine, clock: Clock, owner: string, nesting: NotNested): Journal {
  const incidents = new KnownIncidents(owner)
  const actions = new KnownLedger()
  return {
    transaction: (work) =>
      engine.transaction(async (tx) => {
        const audit = openAudit(tx)
        const entries: JournalEntries = {
          ...incidentRows(tx, incidents),
          ...ledger(tx, engine, audit, () => clock.now(), actions),
          ...peopleRows(tx),
          noteDeliveries: (keys, at) => noteDeliveries(tx, keys, at),
          audit: async (entry) => audit.add(entry),
          say: (messages) => say(tx, messages),
        }
        const result = await nesting.run(() => work(entries))
        await audit.flush()
        return result
      }, true),
  }
}

async function noteDeliveries(tx: Transaction<Tables>, keys: readonly string[], at: number): Promise<Set<string>> {
  const byColumn = new Map(keys.map((key) => [indexable(key), key]))
  const fresh = new Set<string>()
  for (const some of pieces([...byColumn.keys()])) {
    const rows = await tx
      .insertInto('alert_deliveries')
      .values(some.map((key) => ({ key, at: wholeMs(at) })))
      .onConflict((conflict) => conflict.column('key').doNothing())
      .returning('key')
      .execute()
    for (const { key } of rows) fresh.add(byColumn.get(key)!)
  }
  return fresh
}

async function say(tx: Transaction<Tables>, messages: readonly Message[]): Promise<void> {
  const rows = messages.map((message) => ({
    key: indexable(message.key),
    at: wholeMs(message.at),
    incident_id: message.incidentId === undefined ? null : indexable(message.incidentId),
    routed: 0,
    document: JSON.stringify(message),
  }))
  for (const some of pieces(rows)) {
    await tx
      .insertInto('messages')
      .values(some)
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute()
  }
}
