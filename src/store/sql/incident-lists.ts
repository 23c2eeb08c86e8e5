import type { Transaction } from 'kysely'
import type { Incident } from '../../domain/incident.ts'
import { readAlert, readEntry } from './documents.ts'
import { changeOf, type ListChange } from './list-rows.ts'
import type { Tables } from './tables.ts'
import { pieces } from './texts.ts'

/** The lists of an incident that are kept in rows of their own, so that to add to them costs no more than what is added. */
const LISTS = {
  alerts: { table: 'incident_alerts', read: readAlert },
  timeline: { table: 'incident_timeline', read: readEntry },
} as const
type ListName = keyof typeof LISTS
const NAMES = Object.keys(LISTS) as ListName[]

/** Incidents whose rows one statement takes away. */
const REMOVED_AT_ONCE = 100

type Lists = Pick<Incident, ListName>
/** The number of each row. */
export type Numbers = Readonly<Record<ListName, readonly number[]>>
interface NumberedLists {
  readonly lists: Lists
  readonly numbers: Numbers
}

const EMPTY: NumberedLists = { lists: { alerts: [], timeline: [] }, numbers: { alerts: [], timeline: [] } }

/** New lists of an incident. */
interface Write {
  readonly id: string
  readonly lists: Lists
  /** As they are in the rows; `unknown` where nobody knows, undefined where there are none. */
  readonly before: NumberedLists | 'unknown' | undefined
}

interface Growing {
  readonly lists: { readonly [K in ListName]: Lists[K][number][] }
  readonly numbers: Readonly<Record<ListName, number[]>>
}

interface Changed {
  readonly id: string
  readonly lists: Lists
  readonly change: ListChange
}

/** The lists of incidents, by the id that their rows have, within one transaction. */
export function incidentLists(tx: Transaction<Tables>) {
  async function readOne(name: ListName, ids: readonly string[], into: ReadonlyMap<string, Growing>): Promise<void> {
    const { table, read } = LISTS[name]
    for (const some of pieces(ids)) {
      const rows = await tx
        .selectFrom(table)
        .select(['incident_id', 'place', 'document'])
        .where('incident_id', 'in', some)
        .orderBy('incident_id')
        .orderBy('place')
        .execute()
      for (const { incident_id, place, document } of rows) {
        const { lists, numbers } = into.get(incident_id)!
        lists[name].push(read(document, incident_id) as never)
        numbers[name].push(place)
      }
    }
  }

  async function removeAll(name: ListName, ids: readonly string[]): Promise<void> {
    for (const some of pieces(ids)) await tx.deleteFrom(LISTS[name].table).where('incident_id', 'in', some).execute()
  }

  async function remove(name: ListName, changes: readonly Changed[]): Promise<void> {
    const shorter = changes.filter(({ change }) => change.gone.length > 0)
    for (const some of pieces(shorter, REMOVED_AT_ONCE)) {
      await tx
        .deleteFrom(LISTS[name].table)
        .where(({ eb, or }) =>
          or(some.map(({ id, change }) => eb('incident_id', '=', id).and('place', 'in', [...change.gone]))),
        )
        .execute()
    }
  }

  async function put(name: ListName, changes: readonly Changed[]): Promise<void> {
    const rows = changes.flatMap(({ id, lists, change: { put: indices, numbers } }) =>
      indices.map((i) => ({ incident_id: id, place: numbers[i], document: JSON.stringify(lists[name][i]) })),
    )
    for (const some of pieces(rows)) {
      await tx
        .insertInto(LISTS[name].table)
        .values(some)
        .onConflict((conflict) =>
          conflict.columns(['incident_id', 'place']).doUpdateSet(({ ref }) => ({ document: ref('excluded.document') })),
        )
        .execute()
    }
  }

  return {
    /** @returns an entry for each id */
    async read(ids: readonly string[]): Promise<ReadonlyMap<string, NumberedLists>> {
      const found = new Map(ids.map((id): [string, Growing] => [id, structuredClone(EMPTY) as Growing]))
      for (const name of NAMES) await readOne(name, ids, found)
      return found
    },
    /** Writes what has changed. @returns the numbers of all rows, by id */
    async write(writes: readonly Write[]): Promise<ReadonlyMap<string, Numbers>> {
      const strangers = writes.filter(({ before }) => before === 'unknown').map(({ id }) => id)
      const numbers = new Map(writes.map(({ id }): [string, Numbers] => [id, EMPTY.numbers]))
      for (const name of NAMES) {
        const changes = writes.map(({ id, lists, before }): Changed => {
          const was = before === undefined || before === 'unknown' ? EMPTY : before
          const change = changeOf<unknown>(was.lists[name], was.numbers[name], lists[name])
          numbers.set(id, { ...numbers.get(id)!, [name]: change.numbers })
          return { id, lists, change }
        })
        await removeAll(name, strangers)
        await remove(name, changes)
        await put(name, changes)
      }
      return numbers
    },
  }
}
