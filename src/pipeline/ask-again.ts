import { askGuards, GUARDS_OF_UNDO, type Objection, PASSING } from '../decide/guards/ask.ts'
import { type Action, isUndo } from '../domain/action.ts'
import { type Incident, isUnwell } from '../domain/incident.ts'
import { leftOut } from '../domain/incident-course.ts'
import { released, suspend, transit } from './action-notes.ts'
import type { EffectRequest } from './effects.ts'
import { labelsOf } from './facts.ts'
import type { HealDependencies } from './heal-dependencies.ts'
import type { JournalEntries } from './journal.ts'
import { viewLedger } from './ledger-view.ts'
import { type Surroundings, situationOf } from './situation.ts'

/** What is asked of `act/` for an action of the ledger. */
export async function requestOf(
  entries: JournalEntries,
  { target, incidentId, action, parameters }: Pick<Action, 'target' | 'incidentId' | 'action' | 'parameters'>,
  { targetOf }: Pick<HealDependencies, 'targetOf'>,
): Promise<EffectRequest> {
  const incident = incidentId === undefined ? undefined : await entries.incident(incidentId)
  const known = targetOf(target)
  const labels = incident === undefined ? (known?.labels ?? {}) : labelsOf(incident, known?.labels)
  return { target: known ?? { id: target, labels: incident?.labels ?? {} }, action, parameters, labels }
}

/** What guards look around at, as the journal has it now. */
export async function surroundingsNow(
  entries: JournalEntries,
  at: number,
  {
    fleet,
    attention,
    policy,
    effects,
    frozenOutside,
  }: Pick<HealDependencies, 'fleet' | 'attention' | 'policy' | 'effects' | 'frozenOutside'>,
): Promise<Surroundings> {
  const ledger = await viewLedger(entries, at, policy.lookBackMs, frozenOutside())
  const ongoing = new Map((await entries.ongoing()).map((one): [string, Incident] => [one.target, one]))
  const health = fleet.health(ongoing.values())
  const truncated = [...ongoing.values()].some((one) => isUnwell(one) && leftOut(one) > 0)
  return { at, fleet, attention, health, truncated, ongoing, ledger, policy, effects }
}

/** Asks the guards about an action that is about to be begun. */
export async function objectionTo(
  entries: JournalEntries,
  action: Action,
  at: number,
  dependencies: HealDependencies,
): Promise<Objection | undefined> {
  const around = await surroundingsNow(entries, at, dependencies)
  const request = await requestOf(entries, action, dependencies)
  // What is only planned is asked itself before it begins.
  const actions = around.ledger.actions.filter(({ id, state }) => id !== action.id && state !== 'PLANNED')
  const proposal = { ...action, steps: action.step + 1 }
  const changes = dependencies.ruleOf(action.rule)?.limits ?? {}
  // How long its rule had matched was asked when it was planned; since then the rule is not asked any more.
  const heldCycles = dependencies.attention.heldCycles(action.target)
  const situation = situationOf({ request, group: action.group, proposal, changes, heldCycles, actions }, around)
  return isUndo(action) ? askGuards(situation, GUARDS_OF_UNDO) : askGuards(situation)
}

/** Takes back a claim to which a guard objects: for good, or until later when its no will pass. It may stop all. */
export async function takeBack(
  entries: JournalEntries,
  claimed: Action,
  { guard, reason, freeze }: Objection,
  at: number,
): Promise<Action | undefined> {
  if (freeze !== undefined) await suspend(entries, freeze, at, { action: claimed.id })
  if (PASSING.has(guard)) return entries.settle(claimed, 'PLANNED', { reason: `waits: ${reason}` }, 'homeostat', at)
  const facts = { reason: `${guard}: ${reason}`, finishedAt: at }
  if (guard === 'recovered') return transit(entries, claimed, { state: 'EXPIRED', facts, incident: released(at) }, at)
  return transit(entries, claimed, { state: 'REFUSED', facts, incident: released(at) }, at)
}
