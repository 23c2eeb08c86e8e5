import type { Insertable } from 'kysely'
import type { Delivery, DeliveryOutcome, Outbox } from '../../pipeline/outbox.ts'
import { readMessage } from './documents.ts'
import type { Engine } from './engine.ts'
import type { Tables } from './tables.ts'
import { indexable, pieces, storable, wholeMs } from './texts.ts'

/** How long a delivery that was handed to one process is kept from the others, by the database's clock. */
const LEASE_MS = 60_000

/** The outbox on a database. @param owner this process: what another one is sending now is not due for it */
export function createOutbox(engine: Engine, owner: string): Outbox {
  const { db } = engine

  return {
    async unrouted(limit) {
      const rows = await db
        .selectFrom('messages')
        .select(['seq', 'document'])
        .where('routed', '=', 0)
        .orderBy('seq')
        .limit(limit)
        .execute()
      return rows.map(({ seq, document }) => readMessage(document, seq))
    },

    route: (routed) =>
      engine.transaction(async (tx) => {
        const receivers = new Map(routed.map(({ message, receivers }) => [indexable(message.key), receivers]))
        const rows: Insertable<Tables['sendings']>[] = []
        for (const keys of pieces([...receivers.keys()])) {
          const taken = await tx
            .updateTable('messages')
            .set({ routed: 1 })
            .where('key', 'in', keys)
            .where('routed', '=', 0)
            .returning(['seq', 'key', 'incident_id'])
            .execute()
          // They are sent in the order in which they were said.
          taken.sort((a, b) => a.seq - b.seq)
          for (const { seq, key, incident_id } of taken) {
            const sendings = receivers.get(key)!.map(({ receiver, dueAt }) => ({
              message_seq: seq,
              receiver: indexable(receiver),
              incident_id,
              state: 'waiting' as const,
              attempts: 0,
              due_at: wholeMs(dueAt),
            }))
            rows.push(...sendings)
          }
        }
        for (const some of pieces(rows)) {
          await tx
            .insertInto('sendings')
            .values(some)
            .onConflict((conflict) => conflict.columns(['message_seq', 'receiver']).doNothing())
            .execute()
        }
      }),

    async addressees(incidentId) {
      const rows = await db
        .selectFrom('sendings')
        .innerJoin('messages', 'messages.seq', 'sendings.message_seq')
        .select(['sendings.seq', 'sendings.receiver', 'document'])
        .where('sendings.incident_id', '=', indexable(incidentId))
        .where('sendings.state', '=', 'sent')
        .execute()
      const addressed = rows.filter(
        ({ document, seq, receiver }) => readMessage(document, seq).addressed?.to === receiver,
      )
      return [...new Set(addressed.map(({ receiver }) => receiver))]
    },

    due: (receiver, at, limit) =>
      engine.transaction(async (tx) => {
        const rows = await tx
          .selectFrom('sendings')
          .innerJoin('messages', 'messages.seq', 'sendings.message_seq')
          .select(['sendings.seq', 'attempts', 'due_at', 'document', 'sendings.incident_id'])
          .select((eb) =>
            eb
              .selectFrom('sendings as earlier')
              .select('earlier.handle')
              .whereRef('earlier.incident_id', '=', 'sendings.incident_id')
              .whereRef('earlier.receiver', '=', 'sendings.receiver')
              .where('earlier.handle', 'is not', null)
              .orderBy('earlier.seq', 'desc')
              .limit(1)
              .as('known_handle'),
          )
          .where('sendings.state', '=', 'waiting')
          .where('sendings.receiver', '=', indexable(receiver))
          .where('due_at', '<=', wholeMs(at))
          .where(({ eb, or }) =>
            or([eb('owner', 'is', null), eb('owner', '=', owner), eb('lease_until', '<=', engine.now())]),
          )
          .orderBy('sendings.seq')
          .limit(limit)
          .$if(engine.kind === 'postgres', (query) => query.forUpdate('sendings').skipLocked())
          .execute()
        if (rows.length === 0) return []
        const taken = rows.map(({ seq }) => seq)
        await tx
          .updateTable('sendings')
          .set({ owner, lease_until: engine.now(LEASE_MS) })
          .where('seq', 'in', taken)
          .execute()
        return rows.map(({ seq, attempts, due_at, document, known_handle }): Delivery => {
          const handle = known_handle === null ? {} : { handle: known_handle }
          return { id: `${seq}`, receiver, message: readMessage(document, seq), attempts, dueAt: due_at, ...handle }
        })
      }),

    async settle(id, outcome, at) {
      const { kind } = outcome
      const waits = kind === 'retry' || kind === 'held'
      const settled = waits ? {} : { state: kind, settled_at: wholeMs(at) }
      await db
        .updateTable('sendings')
        .set({ ...factsOf(outcome), ...settled, owner: null, lease_until: null })
        .$if(kind === 'sent' || kind === 'retry', (query) => query.set((eb) => ({ attempts: eb('attempts', '+', 1) })))
        .where('seq', '=', Number(id))
        .where('state', '=', 'waiting')
        .execute()
    },

    async waiting() {
      const rows = await db
        .selectFrom('sendings')
        .select(['receiver', (eb) => eb.fn.countAll<number>().as('count')])
        .where('state', '=', 'waiting')
        .groupBy('receiver')
        .execute()
      return Object.fromEntries(rows.map(({ receiver, count }) => [receiver, count]))
    },

    async issueNonce(nonce, content, expiresAt) {
      const row = { nonce: indexable(nonce), content: storable(content), expires_at: wholeMs(expiresAt) }
      await db.insertInto('nonces').values(row).execute()
    },

    async useNonce(nonce, at) {
      const used = await db
        .updateTable('nonces')
        .set({ used_at: wholeMs(at) })
        .where('nonce', '=', indexable(nonce))
        .where('used_at', 'is', null)
        .where('expires_at', '>=', wholeMs(at))
        .returning('content')
        .executeTakeFirst()
      if (used !== undefined) return { content: used.content }
      const known = await db.selectFrom('nonces').selectAll().where('nonce', '=', indexable(nonce)).executeTakeFirst()
      if (known === undefined) return { refused: 'unknown' }
      return { refused: known.used_at === null ? 'expired' : 'used', content: known.content }
    },
  }
}

function factsOf(outcome: DeliveryOutcome) {
  switch (outcome.kind) {
    case 'sent':
      return outcome.handle === undefined ? {} : { handle: storable(outcome.handle) }
    case 'retry':
    case 'held':
      return { due_at: wholeMs(outcome.dueAt), reason: storable(outcome.reason) }
    case 'dropped':
      return { reason: storable(outcome.reason) }
  }
}
