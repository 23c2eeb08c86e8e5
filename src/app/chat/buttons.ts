import { randomBytes } from 'node:crypto'
import type { Action } from '../../domain/action.ts'
import type { Incident } from '../../domain/incident.ts'
import { type ButtonContent, writeButtonContent } from '../../notify/button-content.ts'
import type { Button, ButtonKind } from '../../notify/notice.ts'
import type { Outbox } from '../../pipeline/outbox.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

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

/** A yes is to what is shown now; the rest means the same a week later. */
function lifetimeOf(kind: ButtonContent['kind']): number {
  if (kind === 'approve' || kind === 'deny') return 10 * MINUTE_MS
  return kind === 'freeze' ? DAY_MS : 7 * DAY_MS
}

export type Nonces = Pick<Outbox, 'issueNonce'>

/** Keeps what a button stands for. @returns its nonce: 128 random bits, 22 characters of base64url */
export async function issueNonce(nonces: Nonces, content: ButtonContent, at: number): Promise<string> {
  const nonce = randomBytes(16).toString('base64url')
  await nonces.issueNonce(nonce, writeButtonContent(content), at + lifetimeOf(content.kind))
  return nonce
}

/** What can be answered to an incident as it stands, each with a nonce of its own. @param actions of the incident */
export async function issueButtons(
  nonces: Nonces,
  incident: Incident,
  actions: readonly Action[],
  at: number,
): Promise<Button[]> {
  const waiting = actions.find(({ state, expiresAt }) => state === 'AWAITING_APPROVAL' && expiresAt > at)
  const buttons: Button[] = []
  for (const kind of kindsFor(incident, waiting !== undefined)) {
    const action = kind === 'approve' || kind === 'deny' ? waiting?.id : undefined
    const nonce = await issueNonce(nonces, { kind, incident: incident.id, action }, at)
    buttons.push({ kind, label: LABELS[kind], nonce })
  }
  return buttons
}

function kindsFor({ state, acknowledgedAt, feedback }: Incident, waits: boolean): ButtonKind[] {
  const over = state === 'recovered' || state === 'closed'
  return [
    ...(waits ? (['approve', 'deny'] as const) : []),
    'why' as const,
    ...(over || acknowledgedAt !== undefined ? [] : (['acknowledge'] as const)),
    ...(over ? [] : (['silence'] as const)),
    ...(feedback === undefined ? (['useful', 'not_useful'] as const) : []),
    ...(over ? [] : (['freeze'] as const)),
  ]
}
