import type { Transaction } from 'kysely'
import type { Change, Vote } from '../../domain/change.ts'
import type { Mode } from '../../domain/decision.ts'
import type { Freeze, Silence, Standing } from '../../domain/safety.ts'
import { readTargets } from './documents.ts'
import type { Tables } from './tables.ts'
import { indexable, storable, wholeMs } from './texts.ts'

/** What people said, within one transaction: kill switch, silences, changes and votes; and what rules have earned. */
export function peopleRows(tx: Transaction<Tables>) {
  const killSwitch = () => tx.selectFrom('kill_switch').selectAll().where('id', '=', 1).executeTakeFirst()

  return {
    async freeze(): Promise<Freeze | undefined> {
      const row = await killSwitch()
      if (row === undefined || row.by_whom === null) return undefined
      return { by: row.by_whom, reason: row.reason ?? '', at: row.at ?? 0 }
    },
    async setFreeze(freeze: Freeze | undefined, at: number): Promise<void> {
      const row = {
        by_whom: freeze === undefined ? null : storable(freeze.by),
        reason: freeze === undefined ? null : storable(freeze.reason),
        at: freeze === undefined ? null : wholeMs(freeze.at),
        ...(freeze === undefined && { lifted_at: wholeMs(at) }),
      }
      await tx
        .insertInto('kill_switch')
        .values({ id: 1, ...row })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute()
    },
    async lastLifted(): Promise<number | undefined> {
      return (await killSwitch())?.lifted_at ?? undefined
    },

    async silences(since: number): Promise<Silence[]> {
      const rows = await tx
        .selectFrom('silences')
        .selectAll()
        .where('until_at', '>', wholeMs(since))
        .orderBy('id')
        .execute()
      return rows.map(({ id, target, from_at, until_at, by_whom, text }) => {
        return { id, target, from: from_at, until: until_at, by: by_whom, text }
      })
    },
    async addSilence({ id, target, from, until, by, text }: Silence): Promise<void> {
      const row = { target: storable(target), from_at: wholeMs(from), until_at: wholeMs(until) }
      await tx
        .insertInto('silences')
        .values({ id: indexable(id), ...row, by_whom: storable(by), text: storable(text) })
        .execute()
    },

    async standings(): Promise<Standing[]> {
      const rows = await tx.selectFrom('standings').selectAll().orderBy('rule').orderBy('group_name').execute()
      return rows.map(({ rule, group_name, mode, right_count, wrong_count, since }) => {
        return { rule, group: group_name, mode: mode as Mode, right: right_count, wrong: wrong_count, since }
      })
    },
    async saveStanding({ rule, group, mode, right, wrong, since }: Standing): Promise<void> {
      const row = { mode, right_count: right, wrong_count: wrong, since: wholeMs(since) }
      await tx
        .insertInto('standings')
        .values({ rule: indexable(rule), group_name: indexable(group), ...row })
        .onConflict((conflict) => conflict.columns(['rule', 'group_name']).doUpdateSet(row))
        .execute()
    },

    async changes(since: number): Promise<Change[]> {
      const rows = await tx
        .selectFrom('changes')
        .selectAll()
        .where('to_at', '>=', wholeMs(since))
        .orderBy('id')
        .execute()
      return rows.map(({ id, from_at, to_at, at, text, targets }) => {
        return { id, targets: readTargets(targets, id), from: from_at, to: to_at, text, at }
      })
    },
    async addChange({ id, targets, from, to, text, at }: Change): Promise<void> {
      const times = { from_at: wholeMs(from), to_at: wholeMs(to), at: wholeMs(at) }
      const concerned = { targets: JSON.stringify(targets), target_count: targets.length }
      await tx
        .insertInto('changes')
        .values({ id: indexable(id), ...times, ...concerned, text: storable(text) })
        .execute()
    },

    async votes(): Promise<Vote[]> {
      const rows = await tx.selectFrom('votes').selectAll().orderBy('at').orderBy('incident').execute()
      return rows.map(({ incident, target, useful, at }) => ({ incident, target, useful: useful === 1, at }))
    },
    async addVote({ incident, target, useful, at }: Vote): Promise<void> {
      const row = { target: storable(target), useful: useful ? 1 : 0, at: wholeMs(at) }
      await tx
        .insertInto('votes')
        .values({ incident: indexable(incident), ...row })
        .onConflict((conflict) => conflict.column('incident').doUpdateSet(row))
        .execute()
    },
  }
}
