import { sql, type Transaction } from 'kysely'
import type { Engine } from './engine.ts'
import type { Tables } from './tables.ts'
import { pieces } from './texts.ts'

const LISTS = ['alerts', 'timeline'] as const
/** Incidents that are taken apart at once: one may have hundreds of alerts. */
const AT_ONCE = 200

/**
 * Alerts and timelines get rows of their own, so that to add to them costs no more than what is added. With that a digest
 * of the document no longer says what an incident is, and each write gets a name instead.
 */
export async function giveListsRows(tx: Transaction<Tables>, kind: Engine['kind']): Promise<void> {
  const text = kind === 'postgres' ? sql`text collate "C"` : sql`text`
  const number = kind === 'postgres' ? sql`bigint` : sql`integer`
  for (const list of LISTS) {
    await tx.schema
      .createTable(`incident_${list}`)
      .addColumn('incident_id', text, (column) => column.notNull().references('incidents.id').onDelete('cascade'))
      .addColumn('place', number, (column) => column.notNull())
      .addColumn('document', text, (column) => column.notNull())
      .addPrimaryKeyConstraint(`incident_${list}_key`, ['incident_id', 'place'])
      .execute()
  }
  await takeApart(tx)
  await tx.schema.dropIndex('incidents_open_digests').execute()
  await tx.schema.alterTable('incidents').renameColumn('digest', 'revision').execute()
  await tx.schema
    .createIndex('incidents_open_revisions')
    .on('incidents')
    .columns(['id', 'revision'])
    .where(sql`state`, '<>', sql.lit('closed'))
    .execute()
}

async function takeApart(tx: Transaction<Tables>): Promise<void> {
  let last = ''
  while (true) {
    const page = tx.selectFrom('incidents').select(['id', 'document']).orderBy('id').limit(AT_ONCE)
    const rows = await page.where('id', '>', last).execute()
    const parted = rows.flatMap(({ id, document }) => partsOf(id, document))
    for (const list of LISTS) {
      const items = parted.flatMap((one) => one[list])
      for (const some of pieces(items)) await tx.insertInto(`incident_${list}`).values(some).execute()
    }
    for (const { id, document } of parted)
      await tx.updateTable('incidents').set({ document }).where('id', '=', id).execute()
    if (rows.length < AT_ONCE) return
    last = rows[rows.length - 1].id
  }
}

/** Nothing for a document that somebody has damaged: it is left as it is, for whoever looks at it to be told of. */
function partsOf(id: string, document: string) {
  const { alerts, timeline, ...head } = parsed(document)
  if (!Array.isArray(alerts) || !Array.isArray(timeline)) return []
  const rows = (list: readonly unknown[]) =>
    list.map((item, place) => ({ incident_id: id, place, document: JSON.stringify(item) }))
  return [{ id, document: JSON.stringify(head), alerts: rows(alerts), timeline: rows(timeline) }]
}

function parsed(document: string): Record<string, unknown> {
  try {
    const value = JSON.parse(document)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
