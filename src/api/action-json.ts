import type { Action } from '../domain/action.ts'
import type { ActionDetailJson, ActionJson } from './contract.ts'

export function actionJson(one: Action): ActionJson {
  const { id, incidentId, target, action, parameters, state, mode, rule, reason, severity, call } = one
  return {
    id,
    incident_id: incidentId ?? null,
    target,
    action,
    parameters,
    state,
    mode,
    rule,
    reason,
    created_at: time(one.createdAt),
    started_at: one.startedAt === undefined ? null : time(one.startedAt),
    finished_at: one.finishedAt === undefined ? null : time(one.finishedAt),
    severity,
    call,
    expires_at: time(one.expiresAt),
  }
}

export function actionDetailJson(one: Action): ActionDetailJson {
  return { ...actionJson(one), by: one.by, approved_by: one.approvedBy ?? null }
}

function time(ms: number): string {
  return new Date(ms).toISOString()
}
