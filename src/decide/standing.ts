import { MODES, type Mode } from '../domain/decision.ts'
import type { Standing } from '../domain/safety.ts'

/** How autonomy is earned, and lost. */
export interface StandingPolicy {
  /** Where a rule begins in a group that it has not acted in; `ceiling`: at what its file allows. */
  readonly start: Mode | 'ceiling'
  /** Decisions that turned out right, without a wrong one, until the next mode; 0: never by itself. */
  readonly promoteAfter: Readonly<Record<Exclude<Mode, 'auto'>, number>>
}

/** What a rule may do in a group now. @param ceiling what its file allows */
export function modeOf(ceiling: Mode, standing: Standing | undefined, { start }: StandingPolicy): Mode {
  const earned = standing?.mode ?? (start === 'ceiling' ? ceiling : start)
  return MODES[Math.min(MODES.indexOf(earned), MODES.indexOf(ceiling))]
}

/**
 * Learns from how one decision turned out. Right ones add up to a promotion, never above the ceiling; a wrong one costs
 * a mode at once, and what was gathered. Nobody falls below observe.
 *
 * @param at ms since the epoch
 */
export function learned(
  before: Standing | undefined,
  decision: { readonly rule: string; readonly group: string; readonly ceiling: Mode; readonly right: boolean },
  policy: StandingPolicy,
  at: number,
): Standing {
  const { rule, group, ceiling, right } = decision
  const mode = modeOf(ceiling, before, policy)
  const since = before?.mode === mode ? before : { right: 0, wrong: 0, since: at }
  if (!right) {
    const lower = MODES[Math.max(0, MODES.indexOf(mode) - 1)]
    // At the bottom the wrong ones are kept, because there they cost the way up.
    const wrong = lower === mode ? since.wrong + 1 : 0
    return { rule, group, mode: lower, right: 0, wrong, since: lower === mode ? since.since : at }
  }
  const rights = since.right + 1
  const needed = mode === 'auto' ? 0 : policy.promoteAfter[mode]
  const higher = MODES[MODES.indexOf(mode) + 1]
  if (mode !== ceiling && needed > 0 && rights >= needed) {
    return { rule, group, mode: higher, right: 0, wrong: 0, since: at }
  }
  return { rule, group, mode, right: rights, wrong: since.wrong, since: since.since }
}
