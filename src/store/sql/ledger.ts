import type { Transaction } from 'kysely'
import { type Action, type ActionState, NEXT_STATES } from '../../domain/action.ts'
import { type ActionFacts, type ActionQuery, JournalError } from '../../pipeline/journal.ts'
import type { AuditChain } from './audit-chain.ts'
import type { Engine } from './engine.ts'
import { ACTION_COLUMNS, actionOf, countedSince, type KnownLedger } from './known-ledger.ts'
import type { Tables } from './tables.ts'
import { indexable, wholeMs } from './texts.ts'

/** A course in the ledger begins in one of these. */
const FIRST_STATES: readonly ActionState[] = ['PLANNED', 'AWAITING_APPROVAL', 'REFUSED', 'EXPIRED', 'DRY_RUN']
/** `claim` and `start` alone lead here: with a lock, an epoch and a lease. */
const GUARDED_STATES: readonly ActionState[] = ['CLAIMED', 'STARTED']

/**
 * The ledger within one transaction. Every transition is a compare-and-set on state and epoch and leaves an audit row.
 *
 * @param now the process's clock, for the audit of a claim
 * @param known outlives it
 */
export function ledger(
  tx: Transaction<Tables>,
  engine: Engine,
  audit: AuditChain,
  now: () => number,
  known: KnownLedger,
) {
  const all = () => tx.selectFrom('actions').select(ACTION_COLUMNS)
  /** What this transaction has written, by id; from then on nothing more can be learnt of what is committed. */
  const own = new Map<string, Action>()
  let caughtUp = false

  async function catchUp(since?: number): Promise<void> {
    const isEnough = caughtUp && (since === undefined || known.reaches(since))
    if (isEnough || own.size > 0) return
    await known.catchUp(tx, since)
    caughtUp = true
  }

  async function find(id: string): Promise<Action | undefined> {
    const row = await all().where('id', '=', indexable(id)).executeTakeFirst()
    return row && actionOf(row)
  }

  /** Writes a transition if nobody came before. */
  async function move(
    before: Action,
    after: Action,
    set: { owner?: string | null; leaseMs?: number },
  ): Promise<boolean> {
    await catchUp()
    let update = tx
      .updateTable('actions')
      .set({ state: after.state, epoch: after.epoch, document: JSON.stringify(after) })
      .where('id', '=', indexable(before.id))
      .where('state', '=', before.state)
      .where('epoch', '=', before.epoch)
    if (set.owner !== undefined) update = update.set({ owner: set.owner })
    if (set.leaseMs !== undefined) update = update.set({ lease_until: engine.now(set.leaseMs) })
    if (set.owner === null) update = update.set({ lease_until: null })
    if (after.state === 'STARTED') update = update.where('lease_until', '>', engine.now())
    const { numUpdatedRows } = await update.executeTakeFirst()
    if (numUpdatedRows !== 1n) return false
    own.set(after.id, after)
    return true
  }

  function tell(action: Action, from: ActionState | null, by: string, at: number): void {
    const { id, incidentId = null, rule, target, state, epoch, reason, call, approvedBy = null } = action
    const data = { from, to: state, epoch, incident: incidentId, rule, action: action.action, target, call }
    audit.add({ at, by, kind: 'action', subject: id, text: reason, data: { ...data, approved_by: approvedBy } })
  }

  return {
    action: find,
    async actions({ incidentId, target, states, since, before, limit }: ActionQuery): Promise<Action[]> {
      // PostgreSQL knows no empty list.
      if (states?.length === 0) return []
      let query = all().orderBy('id', 'desc').limit(limit)
      if (incidentId !== undefined) query = query.where('incident_id', '=', indexable(incidentId))
      if (target !== undefined) query = query.where('target', '=', indexable(target))
      if (states !== undefined) query = query.where('state', 'in', [...states])
      if (since !== undefined) query = query.where('created_at', '>=', wholeMs(since))
      if (before !== undefined) query = query.where('id', '<', indexable(before))
      return (await query.execute()).map(actionOf)
    },

    async counted(since: number): Promise<readonly Action[]> {
      await catchUp(since)
      return known.reaches(since) ? known.counted(since, own) : countedSince(tx, since)
    },

    async plan(action: Action): Promise<boolean> {
      if (!FIRST_STATES.includes(action.state)) throw impossible(action, 'nothing', action.state)
      await catchUp()
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('actions')
        .values({
          id: indexable(action.id),
          incident_id: action.incidentId === undefined ? null : indexable(action.incidentId),
          key: indexable(action.key),
          target: indexable(action.target),
          state: action.state,
          touches: Number(action.action !== 'alert'),
          epoch: action.epoch,
          created_at: wholeMs(action.createdAt),
          document: JSON.stringify(action),
        })
        .onConflict((conflict) => conflict.column('key').doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows !== 1n) return false
      own.set(action.id, action)
      tell(action, null, action.by, action.createdAt)
      return true
    },

    async claim(id: string, owner: string, leaseMs: number): Promise<Action | undefined> {
      const before = await find(id)
      if (before?.state !== 'PLANNED') return undefined
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('target_locks')
        .values({ target: indexable(before.target), action_id: indexable(id) })
        .onConflict((conflict) => conflict.column('target').doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows !== 1n) return undefined
      const after = { ...before, state: 'CLAIMED', epoch: before.epoch + 1 } as const
      if (!(await move(before, after, { owner, leaseMs })))
        throw new JournalError('conflict', `action ${id} was claimed by another at the same time: try again`)
      tell(after, before.state, owner, now())
      return after
    },

    async start(id: string, epoch: number, at: number, facts: ActionFacts): Promise<boolean> {
      const before = await find(id)
      if (before?.state !== 'CLAIMED' || before.epoch !== epoch) return false
      const after = { ...withFacts(before, { ...facts, startedAt: facts.startedAt ?? at }), state: 'STARTED' } as const
      if (!(await move(before, after, {}))) return false
      const { owner } = await tx
        .selectFrom('actions')
        .select('owner')
        .where('id', '=', indexable(id))
        .executeTakeFirstOrThrow()
      tell(after, before.state, owner ?? 'homeostat', at)
      return true
    },

    async settle(action: Action, state: ActionState, facts: ActionFacts, by: string, at: number) {
      if (!NEXT_STATES[action.state].includes(state) || GUARDED_STATES.includes(state))
        throw impossible(action, action.state, state)
      const before = await find(action.id)
      if (before?.state !== action.state || before.epoch !== action.epoch) return undefined
      const after = { ...withFacts(before, facts), state }
      if (!(await move(before, after, { owner: null }))) return undefined
      if (GUARDED_STATES.includes(before.state))
        await tx.deleteFrom('target_locks').where('action_id', '=', indexable(action.id)).execute()
      tell(after, before.state, by, at)
      return after
    },

    async abandoned(alive: readonly string[]): Promise<Action[]> {
      let held = all().where('state', 'in', GUARDED_STATES)
      if (alive.length > 0) {
        held = held.where(({ eb, and, or }) => {
          const lapsed = and([eb('state', '=', 'CLAIMED'), eb('lease_until', '<=', engine.now())])
          return or([lapsed, eb('owner', 'not in', [...alive])])
        })
      }
      return (await held.execute()).map(actionOf)
    },
  }
}

function withFacts(action: Action, facts: ActionFacts): Action {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined)
  return { ...action, ...Object.fromEntries(known) }
}

function impossible({ id }: Action, from: string, to: ActionState): JournalError {
  return new JournalError('internal', `action ${id} cannot go from ${from} to ${to}`)
}
