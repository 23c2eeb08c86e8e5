import type { Action } from '../domain/action.ts'
import type { Change } from '../domain/change.ts'
import type { Freeze, Silence, Standing } from '../domain/safety.ts'
import type { JournalEntries } from './journal.ts'

/** What the journal knows that guards ask about, within one transaction. */
export interface LedgerView {
  /** Newest first. */
  readonly actions: readonly Action[]
  readonly freeze: Freeze | undefined
  readonly trustedSince: number
  /** In force now. */
  readonly silences: readonly Silence[]
  readonly changes: readonly Change[]
  readonly standings: readonly Standing[]
}

/**
 * @param lookBackMs how far back the longest window of a guard reaches
 * @param outside a freeze from elsewhere than the journal, such as a file; it goes first
 */
export async function viewLedger(
  entries: JournalEntries,
  at: number,
  lookBackMs: number,
  outside: Freeze | undefined,
): Promise<LedgerView> {
  const actions = await entries.counted(at - lookBackMs)
  const freeze = outside ?? (await entries.freeze())
  const trustedSince = (await entries.lastLifted()) ?? Number.NEGATIVE_INFINITY
  const silences = (await entries.silences(at)).filter(({ from }) => from <= at)
  const changes = (await entries.changes(at)).filter(({ from, to }) => from <= at && at <= to)
  return { actions, freeze, trustedSince, silences, changes, standings: await entries.standings() }
}

/** The silence or change in force for a target, in words. */
export function quietOf(target: string, { silences, changes }: LedgerView): string | undefined {
  const silence = silences.find((one) => one.target === target)
  if (silence !== undefined) {
    const text = silence.text === '' ? '' : `: ${silence.text}`
    return `silenced by ${silence.by} until ${new Date(silence.until).toISOString()}${text}`
  }
  const change = changes.find(({ targets }) => targets.includes(target))
  return change && `${change.text}, until ${new Date(change.to).toISOString()}`
}
