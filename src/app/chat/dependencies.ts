import type { Fleet } from '../../api/fleet.ts'
import type { Incidents } from '../../api/incidents.ts'
import type { Remediation } from '../../api/remediation.ts'
import type { Incident } from '../../domain/incident.ts'
import type { Silence } from '../../domain/safety.ts'
import { CHAT_ROLES, type ChatReply, type ChatRole, type Person } from '../../notify/answers.ts'
import type { Outbox } from '../../pipeline/outbox.ts'
import type { Clock } from '../../platform/clock.ts'

/** What answers to people in chats: the very services that answer by HTTP. */
export interface ChatDependencies {
  /** Whose buttons are answered: those of one connection. */
  readonly receivers: readonly string[]
  readonly fleet: Fleet
  readonly incidents: Incidents
  readonly remediation: Remediation
  readonly nonces: Pick<Outbox, 'issueNonce' | 'useNonce'>
  readonly clock: Clock
  /** Hears of every silence that was set in a chat; must not throw. */
  readonly onSilence?: (silence: Silence, incident: Incident) => void
}

export function mayAct({ role }: Person, needed: ChatRole): boolean {
  return CHAT_ROLES.indexOf(role) >= CHAT_ROLES.indexOf(needed)
}

export function refused(text: string, shared = false): ChatReply {
  return { done: false, text, shared, buttons: [] }
}

export function said(text: string, buttons: ChatReply['buttons'] = []): ChatReply {
  return { done: true, text, shared: true, buttons }
}
