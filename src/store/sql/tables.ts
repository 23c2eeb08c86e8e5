import type { Generated } from 'kysely'
import type { ActionState } from '../../domain/action.ts'
import type { IncidentState } from '../../domain/incident.ts'

/** All tables, as the newest migration leaves them. Times are ms since the epoch; documents are JSON. */
export interface Tables {
  incidents: {
    id: string
    target: string
    state: IncidentState
    opened_at: number
    ended_at: number | null
    /** All but alerts and timeline. */
    document: string
    /** Of the incident with its alerts and timeline: another one with every write, by whomever. */
    revision: string
  }
  /** One row an alert, in the order of `place`. */
  incident_alerts: { incident_id: string; place: number; document: string }
  /** One row an entry, in the order of `place`. */
  incident_timeline: { incident_id: string; place: number; document: string }
  actions: {
    id: string
    incident_id: string | null
    key: string
    target: string
    state: ActionState
    /** Whether it touches anything, 0 or 1; to tell people does not. */
    touches: number
    epoch: number
    owner: string | null
    /** By the database's clock. */
    lease_until: number | null
    created_at: number
    /** All but state and epoch, which the columns have. */
    document: string
  }
  /** One row for a target with an action that is CLAIMED or STARTED. */
  target_locks: { target: string; action_id: string }
  alert_deliveries: { key: string; at: number }
  /** One row, written when the kill switch is first used. */
  kill_switch: {
    id: number
    by_whom: string | null
    reason: string | null
    at: number | null
    lifted_at: number | null
  }
  silences: { id: string; target: string; from_at: number; until_at: number; by_whom: string; text: string }
  standings: {
    rule: string
    group_name: string
    mode: string
    right_count: number
    wrong_count: number
    since: number
  }
  changes: {
    id: string
    from_at: number
    to_at: number
    at: number
    text: string
    targets: string
    target_count: number
  }
  votes: { incident: string; target: string; useful: number; at: number }
  audit: {
    seq: number
    at: number
    by_whom: string
    kind: string
    subject: string
    text: string
    data: string
    hash: string
  }
  /** One row: the newest link of the audit's chain, and the one before the oldest that is kept. */
  audit_head: { id: number; seq: number; hash: string; anchor_seq: number; anchor_hash: string }
  messages: {
    seq: Generated<number>
    key: string
    at: number
    incident_id: string | null
    routed: number
    document: string
  }
  sendings: {
    seq: Generated<number>
    message_seq: number
    receiver: string
    incident_id: string | null
    state: 'waiting' | 'sent' | 'dropped'
    attempts: number
    due_at: number
    settled_at: number | null
    handle: string | null
    reason: string | null
    owner: string | null
    lease_until: number | null
  }
  nonces: { nonce: string; content: string; expires_at: number; used_at: number | null }
  /** Processes that said that they are alive, until a time of the database's clock. */
  presences: { owner: string; until_at: number }
  /** One row, written to see whether that works. */
  health: { id: number; checked_at: number }
  schema_version: { version: number }
}
