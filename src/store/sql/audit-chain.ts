import { createHash } from 'node:crypto'
import { setImmediate as letOthers } from 'node:timers/promises'
import type { Kysely, Selectable, Transaction } from 'kysely'
import type { AuditEntry } from '../../domain/safety.ts'
import type { Tables } from './tables.ts'
import { canonicalJson, pieces, storable, wholeMs } from './texts.ts'

type Row = Selectable<Tables['audit']>

/** The audit within one transaction. */
export interface AuditChain {
  add(entry: AuditEntry): void
  /** Writes what was added; to be called once, at the end. */
  flush(): Promise<void>
}

/** The audit within a transaction that runs alone, so that the chain stays one line. */
export function openAudit(tx: Transaction<Tables>): AuditChain {
  const entries: AuditEntry[] = []
  return {
    add: (entry) => void entries.push(entry),
    async flush() {
      if (entries.length === 0) return
      let { seq, hash } = await headOf(tx)
      const rows = entries.map((entry) => {
        const content = contentOf(++seq, entry)
        hash = linkHash(hash, content)
        return { ...content, hash }
      })
      for (const some of pieces(rows)) await tx.insertInto('audit').values(some).execute()
      await tx.updateTable('audit_head').set({ seq, hash }).where('id', '=', 1).execute()
    },
  }
}

function contentOf(seq: number, { at, by, kind, subject, text, data }: AuditEntry): Omit<Row, 'hash'> {
  const texts = { by_whom: storable(by), kind: storable(kind), subject: storable(subject), text: storable(text) }
  return { seq, at: wholeMs(at), ...texts, data: canonicalJson(data) }
}

/** SHA-256 over the hash before and the entry's canonical JSON. */
function linkHash(before: string, { seq, at, by_whom, kind, subject, text, data }: Omit<Row, 'hash'>): string {
  const content = canonicalJson({ seq, at, by: by_whom, kind, subject, text, data: JSON.parse(data) })
  return createHash('sha256').update(before).update(content).digest('hex')
}

/** What a look at the whole audit found; `seq` is the first entry that does not follow from the one before. */
export type AuditFinding =
  | { readonly ok: true; readonly entries: number }
  | { readonly ok: false; readonly seq: number }

/** Follows the chain from the oldest entry that is kept to the newest. */
export async function verifyAudit(db: Kysely<Tables>): Promise<AuditFinding> {
  const head = await headOf(db)
  let { anchor_seq: seq, anchor_hash: hash } = head
  while (seq < head.seq) {
    const rows = await db.selectFrom('audit').selectAll().where('seq', '>', seq).orderBy('seq').limit(1000).execute()
    if (rows.length === 0) return broken(db, head, seq + 1)
    for (const row of rows) {
      if (row.seq !== seq + 1 || !follows(hash, row)) return broken(db, head, seq + 1)
      seq++
      hash = row.hash
      if (seq === head.seq) break
    }
    await letOthers()
  }
  if (hash !== head.hash) return broken(db, head, seq)
  const beyond = await db.selectFrom('audit').select('seq').where('seq', '<=', head.anchor_seq).executeTakeFirst()
  return beyond === undefined ? { ok: true, entries: head.seq - head.anchor_seq } : broken(db, head, beyond.seq)
}

function follows(before: string, row: Row): boolean {
  try {
    return row.hash === linkHash(before, row)
  } catch {
    // The data are no JSON any more.
    return false
  }
}

/** Old entries may have been forgotten meanwhile: then the look begins anew. */
async function broken(db: Kysely<Tables>, head: { anchor_seq: number }, seq: number): Promise<AuditFinding> {
  return (await headOf(db)).anchor_seq === head.anchor_seq ? { ok: false, seq } : verifyAudit(db)
}

function headOf(db: Kysely<Tables>) {
  return db.selectFrom('audit_head').selectAll().where('id', '=', 1).executeTakeFirstOrThrow()
}
