import type { Limits, Situation } from '../decide/guards/guard.ts'
import type { Action } from '../domain/action.ts'
import { isFiring } from '../domain/alert.ts'
import type { Proposal } from '../domain/decision.ts'
import { type Incident, isUnwell } from '../domain/incident.ts'
import type { Suspect } from '../domain/suppression.ts'
import type { Target } from '../domain/target.ts'
import type { Attention } from './attention.ts'
import type { EffectRequest, Effects } from './effects.ts'
import type { FleetHealth, FleetNow } from './fleet.ts'
import { type LedgerView, quietOf } from './ledger-view.ts'

/** What does not change between two configurations. */
export interface Policy {
  /** How far back in the ledger the guards look: further than any of their windows, ms. */
  readonly lookBackMs: number
  /** The guards' settings for a group, with where a rule differs. */
  limitsOf(group: string, rule: string, changes: Partial<Limits>): Limits
  /** The maintenance window in force, in words. */
  windowOf(labels: Target['labels'], group: string, at: number): string | undefined
  /** What is silenced or inhibited where alerts are routed, and speaks against acting on a target, in words. */
  quietElsewhere(suspect: Suspect, at: number): string | undefined
  /** Why nobody knows by now what is silenced there; undefined while it is known, or nobody is asked. */
  unknownElsewhere(at: number): string | undefined
  /** Why a target is never to be touched, as the configuration says. */
  protectedBy(target: Target, group: string): string | undefined
}

export interface Surroundings {
  readonly at: number
  readonly fleet: FleetNow
  readonly attention: Attention
  readonly health: FleetHealth
  /** Whether a sender left out alerts that may still fire. */
  readonly truncated: boolean
  /** Every incident that is not closed, by target. */
  readonly ongoing: ReadonlyMap<string, Incident>
  readonly ledger: LedgerView
  readonly policy: Policy
  readonly effects: Pick<Effects, 'selector' | 'protectedBy'>
}

export interface Subject {
  readonly request: EffectRequest
  readonly group: string
  readonly proposal: Proposal
  /** Where the rule's guards differ. */
  readonly changes: Partial<Limits>
  /** Cycles in a row that what speaks for the proposal has held, the newest included. */
  readonly heldCycles: number
  /** Actions that count; without the one in question. */
  readonly actions: readonly Action[]
}

/** Everything that the guards look at, for one proposal about one target. */
export function situationOf(subject: Subject, around: Surroundings): Situation {
  const { request, group, proposal, changes, heldCycles, actions } = subject
  const { at, attention, health, truncated, ongoing, ledger, policy, effects } = around
  const { target, labels } = request
  const incident = ongoing.get(target.id)
  return {
    at,
    target: target.id,
    group,
    proposal,
    limits: policy.limitsOf(group, proposal.rule, changes),
    freeze: ledger.freeze,
    selector: effects.selector(request),
    protectedBy: policy.protectedBy({ id: target.id, labels }, group) ?? effects.protectedBy(request),
    maintenance:
      quietOf(target.id, ledger) ??
      policy.windowOf(labels, group, at) ??
      policy.quietElsewhere(suspectOf(target, incident), at),
    maintenanceUnknown: policy.unknownElsewhere(at),
    data: dataOf(target.id, incident, around),
    unwell: incident !== undefined && isUnwell(incident),
    heldCycles,
    stateChanges: attention.stateChanges(target.id),
    groupHealth: health.group(group),
    fleetHealth: health.fleet,
    truncated,
    actions,
    trustedSince: ledger.trustedSince,
  }
}

function suspectOf(target: Target, incident: Incident | undefined): Suspect {
  return { target, anomalous: incident?.anomalous ?? false, alerts: incident?.alerts.filter(isFiring) ?? [] }
}

/** The detectors once judged the target: that the source shows nothing of it any more is no reason to act. */
function dataOf(target: string, incident: Incident | undefined, { fleet, at }: Surroundings): Situation['data'] {
  const data = fleet.data(target, at)
  const lost = Number.isNaN(data.newestSampleAt) && incident !== undefined && incident.level > 0
  return lost ? { ...data, newestSampleAt: Number.NEGATIVE_INFINITY } : data
}
