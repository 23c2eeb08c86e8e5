import { hash } from 'node:crypto'
import { sql, type Transaction } from 'kysely'
import type { Incident } from '../../domain/incident.ts'
import type { IncidentQuery } from '../../pipeline/journal.ts'
import { readIncident } from './documents.ts'
import type { KnownIncidents } from './known-incidents.ts'
import type { Tables } from './tables.ts'
import { indexable, pieces, wholeMs } from './texts.ts'

/** The incidents within one transaction. @param known outlives it */
export function incidentRows(tx: Transaction<Tables>, known: KnownIncidents) {
  const all = () => tx.selectFrom('incidents').select(['id', 'document'])
  const read = (rows: readonly { id: string; document: string }[]) =>
    rows.map(({ id, document }) => readIncident(document, id))

  /** Newest first; only what is not known yet is read whole. */
  async function allOngoing(): Promise<Incident[]> {
    const open = await tx
      .selectFrom('incidents')
      .select(['id', 'digest'])
      // Written out, because only then a database sees that its index of the open ones is enough.
      .where(sql`state`, '<>', sql.lit('closed'))
      .orderBy('id', 'desc')
      .execute()
    known.keep(open)
    const unknown = open.filter(({ id, digest }) => known.get(id, digest) === undefined)
    const fresh = new Map<string, Incident>()
    for (const some of pieces(unknown)) {
      const ids = some.map(({ id }) => id)
      for (const { id, document } of await all().where('id', 'in', ids).execute())
        fresh.set(id, readIncident(document, id))
    }
    for (const { id, digest } of unknown) known.add(id, digest, fresh.get(id)!)
    return open.map(({ id, digest }) => fresh.get(id) ?? known.get(id, digest)!)
  }

  return {
    async ongoing(targets?: readonly string[]): Promise<Incident[]> {
      const open = all().where('state', '<>', 'closed').orderBy('id', 'desc')
      if (targets === undefined) return allOngoing()
      const found: Incident[] = []
      for (const some of pieces([...new Set(targets.map(indexable))]))
        found.push(...read(await open.where('target', 'in', some).execute()))
      return found.sort((a, b) => (a.id < b.id ? 1 : -1))
    },
    async incident(id: string): Promise<Incident | undefined> {
      return read(await all().where('id', '=', indexable(id)).execute())[0]
    },
    async incidents({ target, states, before, limit }: IncidentQuery): Promise<Incident[]> {
      // PostgreSQL knows no empty list.
      if (states?.length === 0) return []
      let query = all().orderBy('id', 'desc').limit(limit)
      if (target !== undefined) query = query.where('target', '=', indexable(target))
      if (states !== undefined) query = query.where('state', 'in', [...states])
      if (before !== undefined) query = query.where('id', '<', indexable(before))
      return read(await query.execute())
    },
    async incidentsSince(at: number): Promise<Incident[]> {
      const query = all().where(({ eb, or }) => or([eb('ended_at', 'is', null), eb('ended_at', '>', wholeMs(at))]))
      return read(await query.orderBy('id', 'desc').execute())
    },
    async saveIncidents(incidents: readonly Incident[]): Promise<void> {
      const newest = new Map(incidents.map((incident) => [incident.id, incident]))
      const rows = [...newest.values()].map((incident) => {
        const document = JSON.stringify(incident)
        return {
          id: indexable(incident.id),
          target: indexable(incident.target),
          state: incident.state,
          opened_at: wholeMs(incident.openedAt),
          ended_at: incident.endedAt === undefined ? null : wholeMs(incident.endedAt),
          document,
          digest: hash('sha1', document),
        }
      })
      // What is closed makes room for what opens on the same target.
      rows.sort((a, b) => Number(b.state === 'closed') - Number(a.state === 'closed'))
      for (const some of pieces(rows)) {
        await tx
          .insertInto('incidents')
          .values(some)
          .onConflict((conflict) =>
            conflict.column('id').doUpdateSet(({ ref }) => ({
              target: ref('excluded.target'),
              state: ref('excluded.state'),
              opened_at: ref('excluded.opened_at'),
              ended_at: ref('excluded.ended_at'),
              document: ref('excluded.document'),
              digest: ref('excluded.digest'),
            })),
          )
          .execute()
      }
    },
  }
}
