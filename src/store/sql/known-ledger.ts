import type { Selectable, Transaction } from 'kysely'
import { type Action, COUNTED_STATES } from '../../domain/action.ts'
import { readAction } from './documents.ts'
import type { Tables } from './tables.ts'
import { pieces, wholeMs } from './texts.ts'

/** Read beyond what was asked for: the next to ask may look back a little further. */
const SLACK_MS = 3_600_000
/** Newest actions that are read, of those that change something, and of those that tell people. */
const MOST = 10_000
/** After so many links it is as well to read all anew. */
const MOST_LINKS = 5_000

export const ACTION_COLUMNS = ['id', 'state', 'epoch', 'document'] as const
type Row = Pick<Selectable<Tables['actions']>, (typeof ACTION_COLUMNS)[number]>

export function actionOf({ id, state, epoch, document }: Row): Action {
  return { ...readAction(document, id), state, epoch }
}

/**
 * What guards count of the ledger, read once and not at every decision. Every transition leaves a link in the audit's
 * chain, in the same transaction: the links since the last look tell which actions have changed, whoever changed them.
 */
export class KnownLedger {
  /** The newest link that is in `#actions`, and its hash. */
  #seq = 0
  #hash = ''
  /** How far it goes back, ms since the epoch. */
  #since = Number.POSITIVE_INFINITY
  #actions: Map<string, Action> = new Map()
  #newestFirst: readonly Action[] | undefined

  /**
   * Takes in what was committed until now. The transaction must not have written to the ledger yet: that may be taken
   * back.
   *
   * @param since how far back it is to know, ms since the epoch; as far as before when it is left out
   */
  async catchUp(tx: Transaction<Tables>, since = this.#since): Promise<void> {
    if (since === Number.POSITIVE_INFINITY) return
    const head = await tx.selectFrom('audit_head').selectAll().where('id', '=', 1).executeTakeFirstOrThrow()
    if (this.reaches(since) && head.hash === this.#hash) return
    const isFew = head.seq - this.#seq <= MOST_LINKS && this.#actions.size <= 2 * MOST
    if (this.reaches(since) && isFew && (await this.#isBefore(tx, head))) await this.#follow(tx)
    else await this.#load(tx, since - SLACK_MS)
    this.#seq = head.seq
    this.#hash = head.hash
    this.#newestFirst = undefined
  }

  /** Whether it knows all that was created since a time, ms since the epoch. */
  reaches(since: number): boolean {
    return since >= this.#since
  }

  /** Newest first. @param own what the transaction itself has written since */
  counted(since: number, own: ReadonlyMap<string, Action>): readonly Action[] {
    this.#newestFirst ??= newestFirst(this.#actions.values())
    const fits = ({ createdAt, state }: Action) => createdAt >= since && COUNTED_STATES.includes(state)
    if (own.size === 0) return this.#newestFirst.filter(fits)
    const others = this.#newestFirst.filter((action) => !own.has(action.id) && fits(action))
    return newestFirst([...[...own.values()].filter(fits), ...others])
  }

  /** Whether the chain goes on from what is known: a standby that takes over may have lost the newest links. */
  async #isBefore(tx: Transaction<Tables>, head: Selectable<Tables['audit_head']>): Promise<boolean> {
    if (this.#seq === head.anchor_seq) return head.anchor_hash === this.#hash
    const link = await tx.selectFrom('audit').select('hash').where('seq', '=', this.#seq).executeTakeFirst()
    return link?.hash === this.#hash
  }

  async #load(tx: Transaction<Tables>, since: number): Promise<void> {
    const found = await countedSince(tx, since)
    this.#actions = new Map(found.map((action) => [action.id, action]))
    this.#since = since
  }

  async #follow(tx: Transaction<Tables>): Promise<void> {
    const links = tx.selectFrom('audit').select('subject').distinct()
    const changed = await links.where('seq', '>', this.#seq).where('kind', '=', 'action').execute()
    for (const some of pieces(changed)) {
      const ids = some.map(({ subject }) => subject)
      for (const id of ids) this.#actions.delete(id)
      const rows = await tx
        .selectFrom('actions')
        .select(ACTION_COLUMNS)
        .where('id', 'in', ids)
        .where('state', 'in', COUNTED_STATES)
        .where('created_at', '>=', wholeMs(this.#since))
        .execute()
      for (const row of rows) this.#actions.set(row.id, actionOf(row))
    }
  }
}

/** The same from the tables. Newest first. */
export async function countedSince(tx: Transaction<Tables>, since: number): Promise<readonly Action[]> {
  const found: Action[] = []
  // Each kind by itself: however many people were told, what was done is not forgotten.
  for (const touches of [1, 0]) {
    const rows = await tx
      .selectFrom('actions')
      .select(ACTION_COLUMNS)
      .where('touches', '=', touches)
      .where('created_at', '>=', wholeMs(since))
      .where('state', 'in', COUNTED_STATES)
      .orderBy('id', 'desc')
      .limit(MOST)
      .execute()
    found.push(...rows.map(actionOf))
  }
  return newestFirst(found)
}

function newestFirst(actions: Iterable<Action>): readonly Action[] {
  return [...actions].sort((a, b) => (a.id < b.id ? 1 : -1))
}
