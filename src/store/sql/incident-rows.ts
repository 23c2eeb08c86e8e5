import type { Transaction } from 'kysely'
import type { Incident } from '../../domain/incident.ts'
import type { IncidentQuery } from '../../pipeline/journal.ts'
import { readIncident } from './documents.ts'
import type { Tables } from './tables.ts'
import { indexable, pieces, wholeMs } from './texts.ts'

/** The incidents within one transaction. */
export function incidentRows(tx: Transaction<Tables>) {
  const all = () => tx.selectFrom('incidents').select(['id', 'document'])
  const read = (rows: readonly { id: string; document: string }[]) =>
    rows.map(({ id, document }) => readIncident(document, id))

  return {
    async ongoing(targets?: readonly string[]): Promise<Incident[]> {
      const open = all().where('state', '<>', 'closed').orderBy('id', 'desc')
      if (targets === undefined) return read(await open.execute())
      const found: Incident[] = []
      for (const some of pieces([...new Set(targets.map(indexable))]))
        found.push(...read(await open.where('target', 'in', some).execute()))
      return found.sort((a, b) => (a.id < b.id ? 1 : -1))
    },
    async incident(id: string): Promise<Incident | undefined> {
      return read(await all().where('id', '=', indexable(id)).execute())[0]
    },
    async incidents({ target, before, limit }: IncidentQuery): Promise<Incident[]> {
      let query = all().orderBy('id', 'desc').limit(limit)
      if (target !== undefined) query = query.where('target', '=', indexable(target))
      if (before !== undefined) query = query.where('id', '<', indexable(before))
      return read(await query.execute())
    },
    async incidentsSince(at: number): Promise<Incident[]> {
      const query = all().where(({ eb, or }) => or([eb('ended_at', 'is', null), eb('ended_at', '>', wholeMs(at))]))
      return read(await query.orderBy('id', 'desc').execute())
    },
    async saveIncidents(incidents: readonly Incident[]): Promise<void> {
      const newest = new Map(incidents.map((incident) => [incident.id, incident]))
      const rows = [...newest.values()].map((incident) => ({
        id: indexable(incident.id),
        target: indexable(incident.target),
        state: incident.state,
        opened_at: wholeMs(incident.openedAt),
        ended_at: incident.endedAt === undefined ? null : wholeMs(incident.endedAt),
        document: JSON.stringify(incident),
      }))
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
            })),
          )
          .execute()
      }
    },
  }
}
