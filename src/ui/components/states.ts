import type { ActionJson, IncidentJson } from '../../api/contract.ts'

/** How a state is shown: a sign and words, and a tone only where something wants a person. */
export interface StateLook {
  readonly sign: string
  readonly words: string
  /** In a sentence, for who has not met the word before. */
  readonly help: string
  readonly tone: 'calm' | 'good' | 'amber' | 'red'
}

const look = (sign: string, words: string, tone: StateLook['tone'], help: string): StateLook => ({
  sign,
  words,
  tone,
  help,
})

export const ACTION_LOOKS: Readonly<Record<ActionJson['state'], StateLook>> = {
  PLANNED: look('○', 'planned', 'calm', 'It will be begun as soon as the guards have agreed once more.'),
  AWAITING_APPROVAL: look('?', 'waits for approval', 'amber', 'Nothing is done until a person says yes.'),
  CLAIMED: look('◔', 'about to begin', 'calm', 'The target is looked at before it begins.'),
  STARTED: look('◑', 'under way', 'calm', 'It has begun, and is never begun twice.'),
  SUCCEEDED: look('●', 'done, being verified', 'calm', 'It was done; whether it helped is being looked at.'),
  FAILED: look('✕', 'failed', 'red', 'It could not be done.'),
  UNKNOWN: look('⁇', 'outcome not known', 'amber', 'It was broken off; the target is looked at.'),
  VERIFIED: look('✓', 'verified', 'good', 'The target was seen to be well again.'),
  ESCALATED: look('▲', 'did not help', 'red', 'A person is needed.'),
  REFUSED: look('⊘', 'refused', 'calm', 'A guard or a person said no; nothing was done.'),
  EXPIRED: look('◌', 'expired', 'calm', 'Nobody answered in time, or its reason was gone; nothing was done.'),
  DRY_RUN: look('◇', 'only recorded', 'calm', 'What would have been done; nothing was.'),
}

export const INCIDENT_LOOKS: Readonly<Record<IncidentJson['state'], StateLook>> = {
  opened: look('▲', 'open', 'amber', 'It goes on, and nothing is being done.'),
  acting: look('◑', 'being acted on', 'amber', 'An action is planned, waiting or under way.'),
  verifying: look('●', 'being verified', 'amber', 'An action is done; whether it helped is being looked at.'),
  escalated: look('◆', 'needs a person', 'red', 'Homeostat has nothing more to try.'),
  recovered: look('✓', 'recovered', 'good', 'It is over; if it comes back within ten minutes it is the same incident.'),
  closed: look('·', 'closed', 'calm', 'It is over and has not come back.'),
}

/** States of incidents that go on, for the parameter `state` of the API. */
export const OPEN_INCIDENTS = ['opened', 'acting', 'verifying', 'escalated'] as const

export function isOpenIncident({ state }: Pick<IncidentJson, 'state'>): boolean {
  return (OPEN_INCIDENTS as readonly string[]).includes(state)
}
