import type { Action, ActionState } from '../domain/action.ts'
import type { ActionName, Mode, Parameters, Severity } from '../domain/decision.ts'
import type { Incident } from '../domain/incident.ts'
import type { RuleMatches } from '../domain/rule-matches.ts'
import type { Freeze, Silence, Standing } from '../domain/safety.ts'

export interface ActionListQuery {
  readonly target?: string
  readonly incidentId?: string
  readonly states?: readonly ActionState[]
  /** Only actions with a smaller id, which were created before. */
  readonly before?: string
  readonly limit: number
}

/** What a person asks to have done about a target. */
export interface ManualAction {
  readonly target: string
  readonly action: ActionName
  readonly parameters: Parameters
  readonly reason: string
  /** Two requests with the same key, of the same person, are one. */
  readonly idempotencyKey?: string
}

/** Why a person's word on an action has no effect. */
export type NotTaken =
  | { readonly ok: false; readonly why: 'not_found'; readonly text: string }
  /** It does not wait for an answer (any more): decided, expired, or the target is well again. */
  | { readonly ok: false; readonly why: 'not_waiting'; readonly text: string; readonly action: Action }

export type Taken = { readonly ok: true; readonly action: Action } | NotTaken

export type Requested =
  /** `action.state` is PLANNED, or REFUSED with the guard's words in `action.reason`. */
  | { readonly ok: true; readonly action: Action; readonly repeated: boolean }
  | { readonly ok: false; readonly why: 'target_not_found' | 'invalid'; readonly text: string }

/** A rule as it is in force. */
export interface RuleView {
  readonly name: string
  /** The file it stands in. */
  readonly file: string
  readonly priority: number
  /** CEL, as it stands in the file. */
  readonly when: string
  /** At least one; a later one where those before did not help. */
  readonly steps: readonly { readonly action: ActionName; readonly parameters: Parameters }[]
  readonly severity: Severity
  /** The most that it may do. */
  readonly mode: Mode
  /** What it may do by now, by group; a group that is not listed stands where every group begins. */
  readonly standings: readonly Standing[]
  /** What it has decided in the last `MATCHES_DAYS`. */
  readonly matches: RuleMatches
}

export const MATCHES_DAYS = 30

/**
 * Actions and what people say of them. `by` is who asks: `api`, `api:NAME`, `telegram:ID`. Everything that changes
 * something is durable when it resolves.
 *
 * @throws {JournalError} from every call when the store fails: nothing has happened then
 */
export interface Remediation {
  /** Newest first. */
  actions(query: ActionListQuery): Promise<{ readonly items: readonly Action[]; readonly more: boolean }>
  action(id: string): Promise<Action | undefined>
  /** Labels of an action's target, for tokens that see a part of the fleet only. */
  labelsOf(action: Action): Promise<Readonly<Record<string, string>>>
  /** The guards are asked again before it is begun. */
  approve(id: string, by: string): Promise<Taken>
  deny(id: string, by: string, reason?: string): Promise<Taken>
  /** A person's action goes through the same guards as any other, soak and flapping excepted. */
  request(manual: ManualAction, by: string): Promise<Requested>
  /** The kill switch; undefined while nothing is frozen. */
  frozen(): Promise<Freeze | undefined>
  /** @returns the freeze in force: the earlier one when there was one */
  freeze(reason: string, by: string): Promise<Freeze>
  /** @returns what holds on: a file named `freeze` in the data directory can only be removed there */
  unfreeze(by: string, reason?: string): Promise<Freeze | undefined>
  /** No action, and no message, for an incident's target. @param until ms since the epoch */
  silence(
    incidentId: string,
    until: number,
    text: string,
    by: string,
  ): Promise<{ readonly incident: Incident; readonly silence: Silence } | undefined>
  /** The silence of a target that ends last; undefined while there is none. */
  silenceOf(target: string): Promise<Silence | undefined>
  /** In the order in which they are asked. @param counts whether an incident counts among those that they decided in */
  rules(counts?: (incident: Incident) => boolean): Promise<readonly RuleView[]>
}
