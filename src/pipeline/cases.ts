import type { Proposed } from '../decide/rules/propose.ts'
import type { Suffering } from '../diagnose/root-cause.ts'
import type { Action } from '../domain/action.ts'
import type { Diagnosis } from '../domain/diagnosis.ts'
import type { Facts } from '../domain/facts.ts'
import type { Incident } from '../domain/incident.ts'
import type { Ruling } from '../domain/incident-course.ts'
import type { Message } from '../domain/message.ts'
import type { FleetHealth } from './fleet.ts'

/** An incident that goes on, with what is known of its target. */
export interface Case {
  readonly incident: Incident
  readonly facts: Facts
  /** Nothing is new but an alert that was said again. */
  readonly repeated: boolean
}

export interface DiagnosedCase extends Case {
  readonly facts: Facts & { readonly diagnosis: Diagnosis }
}

/** What a rule wants, and what came of it. */
export interface DecidedCase {
  readonly incident: Incident
  readonly ruling: Ruling
  readonly proposed?: Proposed
  /** To be written into the ledger. */
  readonly action?: Action
  readonly messages: readonly Message[]
  /** Why everything is to be stopped until a person unfreezes. */
  readonly freeze?: string
}

/** What a door brought in: the incidents as they were, and as they are now. */
export interface Followed {
  readonly at: number
  /** The incidents that are not closed, by target, as they are now: all, or those that a delivery is about. */
  readonly ongoing: ReadonlyMap<string, Incident>
  /** As they were; an incident without an entry is new. */
  readonly before: ReadonlyMap<string, Incident>
  /** New, or no longer as they were; what was closed comes first. */
  readonly changed: readonly Incident[]
  /** Incidents to be linked with those that they belong to. */
  readonly unlinked: readonly Incident[]
  /** The fleet's health as the newest cycle saw it; it is counted anew without. */
  readonly health?: FleetHealth
  /** Who else is ill, as the newest cycle saw it, where `ongoing` is not all. */
  readonly elsewhere?: readonly Suffering[]
  /** Those of `ongoing` about which to decide. */
  readonly cases: readonly Case[]
  /** Whether it is a cycle of theirs, or between two. */
  readonly inCycle: boolean
}
