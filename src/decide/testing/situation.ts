import type { Action } from '../../domain/action.ts'
import type { Proposal } from '../../domain/decision.ts'
import { DEFAULT_LIMITS, type Situation } from '../guards/guard.ts'

export const NOON = Date.parse('2026-11-21T12:00:00Z')
export const MINUTE = 60_000

export function proposalOf(changes: Partial<Proposal> = {}): Proposal {
  return {
    rule: 'memory',
    action: 'restart',
    parameters: {},
    severity: 'high',
    mode: 'auto',
    verification: { afterMs: 30_000, withinMs: 300_000 },
    step: 0,
    steps: 1,
    ...changes,
  }
}

/** An action that is planned at noon unless told otherwise. */
export function actionOf(changes: Partial<Action> = {}): Action {
  const { steps, ...proposal } = proposalOf()
  return {
    ...proposal,
    id: 'a1',
    key: changes.id ?? 'a1',
    incidentId: 'i1',
    target: 'web-1@node',
    group: 'node',
    state: 'PLANNED',
    reason: '',
    by: 'homeostat',
    call: '',
    epoch: 0,
    createdAt: NOON,
    expiresAt: NOON + 10 * MINUTE,
    ...changes,
  }
}

/** An action that helped, begun so many ms before noon. */
export function begunBefore(ms: number, changes: Partial<Action> = {}): Action {
  const times = { createdAt: NOON - ms, startedAt: NOON - ms, finishedAt: NOON - ms + 1000 }
  return actionOf({ state: 'VERIFIED', ...times, ...changes })
}

/** A situation that no guard objects to. */
export function situationOf(changes: Partial<Situation> = {}): Situation {
  return {
    at: NOON,
    target: 'web-1@node',
    group: 'node',
    proposal: proposalOf(),
    limits: DEFAULT_LIMITS,
    selector: { ok: true },
    data: { newestSampleAt: NOON - 5000, cleanCycles: 2, warnings: [] },
    unwell: true,
    heldCycles: 2,
    stateChanges: 1,
    groupHealth: { size: 20, unhealthy: 1 },
    fleetHealth: { size: 20, unhealthy: 1 },
    truncated: false,
    actions: [],
    trustedSince: Number.NEGATIVE_INFINITY,
    ...changes,
  }
}
