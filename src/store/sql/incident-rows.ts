import { type Selectable, sql, type Transaction } from 'kysely'
import type { Incident } from '../../domain/incident.ts'
import type { IncidentQuery } from '../../pipeline/journal.ts'
import { readHead } from './documents.ts'
import { incidentLists } from './incident-lists.ts'
import type { KnownIncidents } from './known-incidents.ts'
import type { Tables } from './tables.ts'
import { indexable, pieces, wholeMs } from './texts.ts'

type Row = Selectable<Tables['incidents']>
/** What tells whether an incident is known already. */
type Mark = Pick<Row, 'id' | 'state' | 'revision'>

const MARK = ['id', 'state', 'revision'] as const
/** What changes rarely, and has indices. */
const PLACE = ['target', 'state', 'opened_at', 'ended_at'] as const

/** The incidents within one transaction. @param known outlives it */
export function incidentRows(tx: Transaction<Tables>, known: KnownIncidents) {
  const lists = incidentLists(tx)
  const marks = () => tx.selectFrom('incidents').select(MARK).orderBy('id', 'desc')
  // Written out, because only then a database sees that its indices of the open ones are enough.
  const isOpen = sql<boolean>`state <> ${sql.lit('closed')}`

  /** The incidents of these rows, in their order; only those that are not known yet are read whole. */
  async function whole(found: readonly Mark[]): Promise<Incident[]> {
    const fresh = await read(found.filter(({ id, revision }) => known.get(id, revision) === undefined))
    return found.map(({ id, revision }) => fresh.get(id) ?? known.get(id, revision)!.incident)
  }

  async function read(unknown: readonly Mark[]): Promise<ReadonlyMap<string, Incident>> {
    const ids = unknown.map(({ id }) => id)
    const parts = await lists.read(ids)
    const found = new Map<string, Incident>()
    for (const some of pieces(ids)) {
      const rows = await tx.selectFrom('incidents').select(['id', 'document']).where('id', 'in', some).execute()
      for (const { id, document } of rows) found.set(id, { ...readHead(document, id), ...parts.get(id)!.lists })
    }
    for (const { id, state, revision } of unknown) {
      // What is over is seldom looked at again.
      if (state !== 'closed') known.add(id, { revision, incident: found.get(id)!, numbers: parts.get(id)!.numbers })
    }
    return found
  }

  /** @param columns those that change where there is a row already */
  async function put(rows: readonly Row[], columns: readonly (keyof Row)[]): Promise<void> {
    for (const some of pieces(rows)) {
      await tx
        .insertInto('incidents')
        .values(some)
        .onConflict((conflict) =>
          conflict
            .column('id')
            .doUpdateSet(({ ref }) => Object.fromEntries(columns.map((name) => [name, ref(`excluded.${name}`)]))),
        )
        .execute()
    }
  }

  async function rowsOf(ids: readonly string[]): Promise<ReadonlyMap<string, Omit<Row, 'document'>>> {
    const found = new Map<string, Omit<Row, 'document'>>()
    for (const some of pieces(ids)) {
      const query = tx.selectFrom('incidents').select(['id', 'revision', ...PLACE])
      for (const row of await query.where('id', 'in', some).execute()) found.set(row.id, row)
    }
    return found
  }

  return {
    async ongoing(targets?: readonly string[]): Promise<Incident[]> {
      if (targets === undefined) {
        const open = await marks().where(isOpen).execute()
        known.keep(open)
        return whole(open)
      }
      const found: Mark[] = []
      for (const some of pieces([...new Set(targets.map(indexable))]))
        found.push(...(await marks().where(isOpen).where('target', 'in', some).execute()))
      return whole(found.sort((a, b) => (a.id < b.id ? 1 : -1)))
    },
    async incident(id: string): Promise<Incident | undefined> {
      return (await whole(await marks().where('id', '=', indexable(id)).execute()))[0]
    },
    async incidents({ target, states, before, limit }: IncidentQuery): Promise<Incident[]> {
      // PostgreSQL knows no empty list.
      if (states?.length === 0) return []
      let query = marks().limit(limit)
      if (target !== undefined) query = query.where('target', '=', indexable(target))
      if (states !== undefined) query = query.where('state', 'in', [...states])
      if (before !== undefined) query = query.where('id', '<', indexable(before))
      return whole(await query.execute())
    },
    async latestOf(targets: readonly string[], most: number): Promise<Incident[]> {
      const found: Mark[] = []
      for (const some of pieces([...new Set(targets.map(indexable))])) {
        const place = sql<number>`row_number() over (partition by target order by id desc)`
        const numbered = tx
          .selectFrom('incidents')
          .select([...MARK, place.as('place')])
          .where('target', 'in', some)
        found.push(...(await tx.selectFrom(numbered.as('numbered')).select(MARK).where('place', '<=', most).execute()))
      }
      return whole(found.sort((a, b) => (a.id < b.id ? 1 : -1)))
    },
    async incidentsSince(at: number): Promise<Incident[]> {
      const query = marks().where(({ eb, or }) => or([eb('ended_at', 'is', null), eb('ended_at', '>', wholeMs(at))]))
      return whole(await query.execute())
    },
    async saveIncidents(incidents: readonly Incident[]): Promise<void> {
      const newest = [...new Map(incidents.map((incident) => [incident.id, incident])).values()]
      const rows = newest.map((incident) => rowOf(incident, known.next()))
      const before = await rowsOf(rows.map(({ id }) => id))
      const stays = (row: Row) => PLACE.every((name) => before.get(row.id)?.[name] === row[name])
      const moved = rows.filter((row) => !stays(row))
      // What is closed makes room for what opens on the same target.
      moved.sort((a, b) => Number(b.state === 'closed') - Number(a.state === 'closed'))
      await put(moved, [...PLACE, 'document', 'revision'])
      await put(rows.filter(stays), ['document', 'revision'])
      const numbers = await lists.write(
        newest.map((incident, i) => {
          const { id } = rows[i]
          const earlier = before.get(id)
          const was = earlier && known.get(id, earlier.revision)
          const numbered = was && { lists: was.incident, numbers: was.numbers }
          return { id, lists: incident, before: numbered ?? (earlier === undefined ? undefined : 'unknown') }
        }),
      )
      for (const [i, { id, state, revision }] of rows.entries())
        if (state !== 'closed') known.add(id, { revision, incident: newest[i], numbers: numbers.get(id)! })
    },
  }
}

function rowOf(incident: Incident, revision: string): Row {
  const { alerts: _, timeline: __, ...head } = incident
  return {
    id: indexable(incident.id),
    target: indexable(incident.target),
    state: incident.state,
    opened_at: wholeMs(incident.openedAt),
    ended_at: incident.endedAt === undefined ? null : wholeMs(incident.endedAt),
    document: JSON.stringify(head),
    revision,
  }
}
