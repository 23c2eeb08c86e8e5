import type { Action } from '../../domain/action.ts'
import type { GuardName, Proposal } from '../../domain/decision.ts'
import type { Freeze } from '../../domain/safety.ts'

/** One reason to say no. Guards are asked when deciding, and again when an action is claimed. */
export interface Guard {
  readonly name: GuardName
  /** @returns why not, in words for people; undefined when nothing speaks against it */
  readonly objection: (situation: Situation) => string | undefined
  /** @returns why its no stops everything until a person lifts that; undefined where it stops this proposal alone */
  readonly freezes?: (situation: Situation) => string | undefined
}

/** How many of a set of targets are unhealthy now; those explained by a root elsewhere are not counted. */
export interface Health {
  readonly size: number
  readonly unhealthy: number
}

/** What the guards look at. Times are ms since the epoch, spans ms. */
export interface Situation {
  readonly at: number
  readonly target: string
  readonly group: string
  readonly proposal: Proposal
  readonly limits: Limits
  readonly freeze?: Freeze
  /** Whether the proposal names exactly this one target by an explicit mapping; why not otherwise. */
  readonly selector: { readonly ok: true } | { readonly ok: false; readonly reason: string }
  /** Why this target must never be touched; undefined for the others. */
  readonly protectedBy?: string
  /** The silence, window or change in force, in words. */
  readonly maintenance?: string
  /** Why nobody knows whether a silence is in force elsewhere. */
  readonly maintenanceUnknown?: string
  /** Data behind the decision. */
  readonly data: {
    /** Time of the target's newest sample; NaN where it is known from alerts only. */
    readonly newestSampleAt: number
    /** Whole cycles without a gap, warning or failure until now. */
    readonly cleanCycles: number
    /** Remarks of the newest cycle that make it incomplete. */
    readonly warnings: readonly string[]
  }
  /** Whether an anomaly or a firing alert is still there. */
  readonly unwell: boolean
  /** Cycles in a row that what speaks for the proposal has held, the newest included. */
  readonly heldCycles: number
  /** Changes between well and unwell within the target's last 21 samples. */
  readonly stateChanges: number
  /** Undefined where nobody knows how many there are. */
  readonly groupHealth?: Health
  readonly fleetHealth?: Health
  /** Whether a sender left alerts out of a delivery, so that the fleet is not known. */
  readonly truncated: boolean
  /** Every action of the last day and more, of all targets, newest first; the action in question is not among them. */
  readonly actions: readonly Action[]
  /** After it, earlier failures no longer count for self-stop: when a person last lifted a freeze. */
  readonly trustedSince: number
}

/** The guards' settings, as they hold for one rule and group. */
export interface Limits {
  readonly maxDataAgeMs: number
  readonly cleanCycles: number
  readonly soakCycles: number
  readonly maxStateChanges: number
  /** Share of a group or of the fleet, 0–1. */
  readonly maxUnhealthy: number
  /** From so many targets on the share counts; smaller groups: one action at a time. */
  readonly breakerFrom: number
  /** All of them hold. `scope`: what is counted together. */
  readonly rates: readonly {
    readonly count: number
    readonly windowMs: number
    readonly scope: 'all' | 'group' | 'rule'
  }[]
  readonly concurrency: { readonly target: number; readonly group: number; readonly all: number }
  /** Doubles with each action of the same kind on the same target, up to `maxMs`; a pause of twice that begins anew. */
  readonly cooldown: { readonly baseMs: number; readonly maxMs: number }
  readonly attempts: { readonly count: number; readonly windowMs: number }
  /** Failed or unknown in a row until the executor suspends itself. */
  readonly selfStopAfter: number
}

/** The defaults of the safety guide. */
export const DEFAULT_LIMITS: Limits = {
  maxDataAgeMs: 60_000,
  cleanCycles: 2,
  soakCycles: 2,
  maxStateChanges: 4,
  maxUnhealthy: 0.2,
  breakerFrom: 5,
  rates: [{ count: 6, windowMs: 60_000, scope: 'all' }],
  concurrency: { target: 1, group: 1, all: 5 },
  cooldown: { baseMs: 600_000, maxMs: 3_600_000 },
  attempts: { count: 3, windowMs: 3_600_000 },
  selfStopAfter: 5,
}
