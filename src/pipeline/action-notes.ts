import { failuresInARow } from '../decide/guards/self-stop.ts'
import { learned } from '../decide/standing.ts'
import { type Action, type ActionState, isUndo, MANUAL } from '../domain/action.ts'
import { easedOff, type Incident } from '../domain/incident.ts'
import { acted } from '../domain/incident-course.ts'
import type { EventKind, Message } from '../domain/message.ts'
import type { AuditEntry } from '../domain/safety.ts'
import type { HealDependencies } from './heal-dependencies.ts'
import type { ActionFacts, JournalEntries } from './journal.ts'
import { viewLedger } from './ledger-view.ts'
import { actionMessage, generalMessage, incidentMessage, say } from './messages.ts'

/** An action's next state, with what its incident and people are told of it; all within one transaction. */
export interface Transition {
  readonly state: ActionState
  readonly facts: ActionFacts
  readonly by?: string
  readonly kind?: EventKind
  /** How the incident goes on; its state stays without one. */
  readonly incident?: (incident: Incident) => Incident
}

/** @returns the new version; undefined when the action has gone on without us: then nothing was written */
export async function transit(
  entries: JournalEntries,
  action: Action,
  { state, facts, by = 'homeostat', kind, incident: goOn = (same) => same }: Transition,
  at: number,
): Promise<Action | undefined> {
  const next = await entries.settle(action, state, facts, by, at)
  if (next === undefined) return undefined
  const incident = await noted(entries, next, at, goOn, by)
  const text = `${next.action} ${WORDS[state]}${next.reason === '' ? '' : `: ${next.reason}`}`
  const messages = kind === undefined ? [] : [actionMessage(next, incident?.labels ?? {}, kind, at, text)]
  if (incident !== undefined && kind !== 'recovered') messages.push(...endOf(incident, at, text))
  await say(entries, messages, at)
  return next
}

const WORDS: Readonly<Record<ActionState, string>> = {
  PLANNED: 'is to be done',
  AWAITING_APPROVAL: 'waits for an answer',
  CLAIMED: 'is about to begin',
  STARTED: 'has begun',
  SUCCEEDED: 'was done',
  FAILED: 'failed',
  UNKNOWN: 'may or may not have happened',
  VERIFIED: 'helped',
  ESCALATED: 'did not help',
  REFUSED: 'was refused',
  EXPIRED: 'was not done',
  DRY_RUN: 'is proposed',
}

/** That an incident is over, where it has come to its end just now. */
export function endOf(incident: Incident, at: number, text: string): Message[] {
  const { state, endedAt } = incident
  return state === 'recovered' && endedAt === at ? [incidentMessage(incident, 'recovered', at, text, at)] : []
}

/** Writes an action's state into its incident. @returns the incident; undefined when there is none that goes on */
export async function noted(
  entries: JournalEntries,
  action: Action,
  at: number,
  goOn: (incident: Incident) => Incident,
  by = 'homeostat',
): Promise<Incident | undefined> {
  if (action.incidentId === undefined) return undefined
  const before = await entries.incident(action.incidentId)
  if (before === undefined || before.state === 'closed') return before
  const { id, rule, step, state, reason } = action
  const text = `${action.action} ${state}${reason === '' ? '' : `: ${reason}`}`
  const told = acted(before, before.state, at, text, { action: id, rule, step, state }, by)
  const after = goOn(told)
  await entries.saveIncidents([after])
  return after
}

/** The incident of an action that came to nothing: it waits for the next decision, or is over. */
export function released(at: number): (incident: Incident) => Incident {
  return (incident) => {
    const busy = incident.state === 'acting' || incident.state === 'verifying'
    return easedOff(busy ? { ...incident, state: 'opened' } : incident, at, 'nothing is left to be done')
  }
}

/** What the rule of an action learns from how it turned out. */
export async function learn(
  entries: JournalEntries,
  action: Action,
  right: boolean,
  at: number,
  { ruleOf, standing }: Pick<HealDependencies, 'ruleOf' | 'standing'>,
): Promise<void> {
  const rule = ruleOf(action.rule)
  if (rule === undefined || action.rule === MANUAL || action.action === 'alert' || isUndo(action)) return
  const { group } = action
  const before = (await entries.standings()).find((one) => one.rule === action.rule && one.group === group)
  const after = learned(before, { rule: action.rule, group, ceiling: rule.ceiling, right }, standing, at)
  await entries.saveStanding(after)
  if (after.mode === (before?.mode ?? action.mode)) return
  const text = `${action.rule} may ${after.mode} in ${group || 'the group without a name'} from now on`
  const data = { rule: action.rule, group, mode: after.mode, action: action.id }
  await entries.audit({ at, by: 'homeostat', kind: 'mode', subject: action.rule, text, data })
}

/** The executor suspends itself when its last actions went wrong. */
export async function suspendAfterFailures(
  entries: JournalEntries,
  at: number,
  { policy }: Pick<HealDependencies, 'policy'>,
): Promise<void> {
  const { actions, trustedSince } = await viewLedger(entries, at, policy.lookBackMs, undefined)
  const failures = failuresInARow(actions, trustedSince)
  if (failures < policy.limitsOf('', '', {}).selfStopAfter) return
  const reason = `the last ${failures} actions failed, or nobody knows what became of them: look why, then unfreeze`
  await suspend(entries, reason, at, { failures })
}

/** Freezes all by itself and calls a person, who alone may lift it. What is frozen already stays as it is. */
export async function suspend(
  entries: JournalEntries,
  reason: string,
  at: number,
  data: AuditEntry['data'],
): Promise<void> {
  if ((await entries.freeze()) !== undefined) return
  await entries.setFreeze({ by: 'homeostat', reason, at }, at)
  await entries.audit({ at, by: 'homeostat', kind: 'freeze', subject: 'executor', text: reason, data })
  await say(entries, [generalMessage('suspended', at, reason, String(at))], at)
}
