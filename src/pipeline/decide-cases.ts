import { askGuards, type Objection } from '../decide/guards/ask.ts'
import { touches } from '../decide/guards/touching.ts'
import type { Progress, Proposed } from '../decide/rules/propose.ts'
import { modeOf, type StandingPolicy } from '../decide/standing.ts'
import type { Action, ActionState } from '../domain/action.ts'
import { GUARDS, type Mode, type Proposal } from '../domain/decision.ts'
import type { Incident } from '../domain/incident.ts'
import { acted, decided, escalated, type Ruling } from '../domain/incident-course.ts'
import type { Message } from '../domain/message.ts'
import type { DecidedCase, DiagnosedCase } from './cases.ts'
import { actionMessage, generalMessage, incidentMessage } from './messages.ts'
import { type Surroundings, situationOf } from './situation.ts'

export interface Decider {
  readonly propose: (facts: DiagnosedCase['facts'], progress: Progress) => Proposed
  readonly standing: StandingPolicy
  readonly newId: (at: number) => string
  /** How long a person has to answer, and how long what is planned may wait. */
  readonly approvalMs: number
  readonly plannedMs: number
}

type Wanted = Extract<Proposed, { proposal: Proposal }>

const HOUR_MS = 3_600_000

/**
 * Rules, then guards, for each case; what one decision plans counts for the next.
 *
 * @param inCycle whether it is a cycle of the targets, or between two
 */
export function decideCases(
  cases: readonly DiagnosedCase[],
  around: Surroundings,
  decider: Decider,
  inCycle: boolean,
): readonly DecidedCase[] {
  let { actions } = around.ledger
  return cases.map((one) => {
    const decision = decideCase(one, actions, around, decider, inCycle)
    if (decision.action?.state === 'PLANNED') actions = [decision.action, ...actions]
    return decision
  })
}

function decideCase(
  one: DiagnosedCase,
  actions: readonly Action[],
  around: Surroundings,
  decider: Decider,
  inCycle: boolean,
): DecidedCase {
  const { incident, facts, repeated } = one
  const matched = (rule?: string) => around.attention.match(facts.target, rule, inCycle)
  if (facts.diagnosis.rootTarget !== facts.target) {
    matched(undefined)
    return leftToRoot(one, around.at)
  }
  const progress = { step: repeated ? 0 : incident.step, ruleInForce: ruleInForce(incident), repeated }
  const proposed = decider.propose(facts, progress)
  // That an alert is said again says nothing of how long its rule has matched.
  const rule = proposed.proposal === undefined ? proposed.rule : proposed.proposal.rule
  const heldCycles = repeated ? around.attention.heldCycles(facts.target) : matched(rule)
  if (proposed.proposal === undefined) return withoutProposal(one, proposed, around.at)
  const mode = grantedMode(proposed.proposal, incident.group, around, decider)
  const proposal = { ...proposed.proposal, mode }
  const request = {
    target: around.fleet.verdict(facts.target)?.target ?? { id: facts.target, labels: incident.labels },
    action: proposal.action,
    parameters: proposal.parameters,
    labels: facts.labels,
  }
  const subject = { request, group: incident.group, proposal, changes: proposed.limits, heldCycles, actions }
  const objection = askGuards(situationOf(subject, around))
  return objection === undefined
    ? granted(incident, proposal, around.at, decider)
    : refused(incident, proposal, objection, around.at, decider)
}

/** What only suffers from another is not acted on: the decision is taken where the cause sits. */
function leftToRoot({ incident, facts }: DiagnosedCase, at: number): DecidedCase {
  const reason = `the cause is believed to sit in ${facts.diagnosis.rootTarget}: what is done is decided there`
  const ruling: Ruling = { verdict: 'none', reason }
  return { incident: decided(incident, ruling, at), ruling, messages: [] }
}

function withoutProposal(
  { incident }: DiagnosedCase,
  { reason, rule, exhausted }: Exclude<Proposed, Wanted>,
  at: number,
): DecidedCase {
  const ruling: Ruling = { verdict: 'none', rule, reason }
  const next = decided(incident, ruling, at)
  if (!exhausted) return { incident: next, ruling, messages: [] }
  return { incident: escalated(next, at, reason), ruling, messages: [incidentMessage(next, 'escalated', at, reason)] }
}

/** The rule that has acted in the incident last. */
export function ruleInForce({ timeline }: Incident): string | undefined {
  const rule = timeline.findLast(({ kind, data }) => kind === 'action' && 'rule' in data)?.data['rule']
  return rule === undefined ? undefined : String(rule)
}

/** What the rule has earned in the group; to tell people nobody has to be asked. */
function grantedMode(proposal: Proposal, group: string, { ledger }: Surroundings, { standing }: Decider): Mode {
  const own = ledger.standings.find((one) => one.rule === proposal.rule && one.group === group)
  const mode = modeOf(proposal.mode, own, standing)
  return touches(proposal) || mode === 'observe' ? mode : 'auto'
}

function granted(incident: Incident, proposal: Proposal, at: number, decider: Decider): DecidedCase {
  const { rule, action, mode } = proposal
  const cause = incident.diagnosis?.cause ?? 'unknown'
  const verdict = mode === 'auto' ? 'execute' : mode === 'approve' ? 'ask' : 'observe'
  const ruling: Ruling = {
    verdict,
    rule,
    action,
    passed: GUARDS,
    reason: verdict === 'observe' ? `the mode is ${mode}` : '',
  }
  const next = decided(incident, ruling, at)
  if (verdict === 'observe') {
    const row = actionFor(next, proposal, 'DRY_RUN', `${cause}: only recorded, the mode is ${mode}`, at, decider)
    return {
      incident: next,
      ruling,
      action: { ...row, key: `${incident.id}:dry:${rule}:${proposal.step}` },
      messages: [],
    }
  }
  const waiting = verdict === 'ask'
  const row = actionFor(next, proposal, waiting ? 'AWAITING_APPROVAL' : 'PLANNED', cause, at, decider)
  const text = waiting ? `${action} waits for a person’s yes` : `${action} is planned`
  const data = { action: row.id, rule, step: proposal.step, state: row.state }
  const counted = { ...next, attempts: next.attempts + 1 }
  const said = actionMessage(row, incident.labels, waiting ? 'waiting' : 'acting', at, `${rule}: ${text}`)
  return { incident: acted(counted, 'acting', at, text, data), ruling, action: row, messages: [said] }
}

function refused(
  incident: Incident,
  proposal: Proposal,
  { guard, reason, freeze }: Objection,
  at: number,
  decider: Decider,
): DecidedCase {
  const { rule, action } = proposal
  const passed = GUARDS.slice(0, GUARDS.indexOf(guard))
  const ruling: Ruling = { verdict: 'refuse', rule, action, guard, passed, reason }
  const next = decided(incident, ruling, at)
  // Soak passes in a cycle; a row for each anomaly that lasts one cycle would bury the others.
  const row = guard === 'soak' ? undefined : actionFor(next, proposal, 'REFUSED', `${guard}: ${reason}`, at, decider)
  const once = row && { ...row, key: `${incident.id}:refused:${rule}:${guard}` }
  // That all is frozen is a call by itself.
  if (freeze !== undefined) return { incident: next, ruling, action: once, messages: [], freeze }
  const called = callFor(next, guard, reason, at)
  return { incident: called.incident, ruling, action: once, messages: called.messages }
}

/** Some refusals are a call for a person. */
function callFor(
  incident: Incident,
  guard: Objection['guard'],
  reason: string,
  at: number,
): { incident: Incident; messages: readonly Message[] } {
  if (guard === 'attempts') {
    const message = incidentMessage(incident, 'escalated', at, reason)
    return { incident: escalated(incident, at, reason), messages: [message] }
  }
  if (guard === 'fleet_breaker') {
    const hour = Math.floor(at / HOUR_MS)
    const text = `no action in ${incident.group || 'a group without a name'}: ${reason}`
    return { incident, messages: [generalMessage('escalated', at, text, `breaker:${incident.group}:${hour}`)] }
  }
  return { incident, messages: [] }
}

function actionFor(
  incident: Incident,
  proposal: Proposal,
  state: ActionState,
  reason: string,
  at: number,
  { newId, approvalMs, plannedMs }: Decider,
): Action {
  const { steps: _, ...wanted } = proposal
  return {
    ...wanted,
    id: newId(at),
    incidentId: incident.id,
    key: `${incident.id}:${incident.attempts}`,
    target: incident.target,
    group: incident.group,
    state,
    reason,
    by: 'homeostat',
    call: '',
    epoch: 0,
    createdAt: at,
    expiresAt: at + (state === 'AWAITING_APPROVAL' ? approvalMs : plannedMs),
  }
}
