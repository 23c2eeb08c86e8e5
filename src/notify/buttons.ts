import type { Message } from '../domain/message.ts'
import type { IncidentMatter } from './compose.ts'
import type { ButtonKind } from './notice.ts'
import type { Press } from './press.ts'

/** How long a button that lets something happen can be pressed, and one that does not, ms. */
const DECIDING_MS = 10 * 60_000
const REMARKING_MS = 24 * 3_600_000

/** A button that a notice offers, before it has its nonce. */
export interface Offer {
  readonly label: string
  readonly press: Press
  /** ms since the epoch */
  readonly expiresAt: number
}

const LABELS: Readonly<Record<ButtonKind, string>> = {
  approve: 'Approve',
  deny: 'Deny',
  why: 'Why',
  silence: 'Silence 1 h',
  acknowledge: 'Acknowledge',
  useful: 'Useful',
  not_useful: 'Not useful',
  freeze: 'Freeze all',
}

/** What can be answered to a notice: of one incident all that fits how it stands, of several nothing but to stop all. */
export function offersOf(
  receiver: string,
  messages: readonly Message[],
  incidents: readonly IncidentMatter[],
  at: number,
): readonly Offer[] {
  const offer = (kind: ButtonKind, about: Partial<Press>, lastsMs = REMARKING_MS, until = Number.POSITIVE_INFINITY) => {
    const expiresAt = Math.min(at + lastsMs, until)
    return { label: LABELS[kind], press: { kind, receiver, ...about }, expiresAt }
  }
  const freeze = offer('freeze', {}, DECIDING_MS)
  const [matter] = incidents
  if (matter === undefined) return messages.some(({ kind }) => kind === 'frozen') ? [] : [freeze]
  if (incidents.length > 1) return [freeze]
  const { id, target, state, acknowledgedAt, feedback } = matter.incident
  const about = { incidentId: id, target }
  if (state === 'recovered' || state === 'closed') {
    const open = feedback === undefined ? [offer('useful', about), offer('not_useful', about)] : []
    return [...open, offer('why', about)]
  }
  const asked = matter.actions.find((action) => action.state === 'AWAITING_APPROVAL' && action.expiresAt > at)
  const decide = (kind: 'approve' | 'deny') =>
    asked === undefined ? [] : [offer(kind, { ...about, actionId: asked.id }, DECIDING_MS, asked.expiresAt)]
  return [
    ...decide('approve'),
    ...decide('deny'),
    offer('why', about),
    ...(acknowledgedAt === undefined ? [offer('acknowledge', about)] : []),
    offer('silence', about),
    freeze,
  ]
}
