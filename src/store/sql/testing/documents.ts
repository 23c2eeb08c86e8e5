import type { Action } from '../../../domain/action.ts'
import type { Incident } from '../../../domain/incident.ts'
import type { Message } from '../../../domain/message.ts'

export const NOON = Date.parse('2026-11-21T12:00:00Z')

/** An incident with everything that one must have. */
export function incident(id: string, target = id, at = NOON): Incident {
  const contributions = [{ feature: 'cpu_busy', share: 1, actual: 91, expected: Number.NaN }]
  return {
    id,
    target,
    labels: { job: 'web' },
    group: 'web',
    state: 'opened',
    openedAt: at,
    anomalous: true,
    alerts: [],
    level: 2,
    opening: contributions,
    highest: contributions,
    step: 0,
    attempts: 0,
    related: [],
    timeline: [{ at, kind: 'opened', by: 'homeostat', text: 'level 2', data: { level: 2 } }],
  }
}

/** A planned action on a target of its own. */
export function action(id: string, facts: Partial<Action> = {}): Action {
  return {
    id,
    incidentId: `incident-${id}`,
    key: `key-${id}`,
    target: `target-${id}`,
    group: 'web',
    action: 'restart',
    parameters: { container: 'web', seconds: 10, force: false },
    severity: 'high',
    mode: 'auto',
    rule: 'restart-web',
    step: 0,
    verification: { afterMs: 15_000, withinMs: 120_000 },
    state: 'PLANNED',
    reason: 'memory_leak',
    by: 'homeostat',
    call: '',
    epoch: 0,
    createdAt: NOON,
    expiresAt: NOON + 600_000,
    ...facts,
  }
}

/** A message of an incident. */
export function message(key: string, facts: Partial<Message> = {}): Message {
  return {
    key,
    kind: 'detected',
    at: NOON,
    severity: 'high',
    incidentId: 'i',
    labels: { job: 'web' },
    text: key,
    ...facts,
  }
}
