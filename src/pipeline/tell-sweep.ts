import type { Incident } from '../domain/incident.ts'
import type { Message } from '../domain/message.ts'
import { incidentMessage } from './messages.ts'
import { isOver, standingMessage, type TellDependencies } from './tell-dependencies.ts'

/** Says again what goes on for long, and calls for help where nobody has acknowledged. Each is said once, whoever looks. */
export async function sweep({ journal, dispatch, escalation, clock }: TellDependencies): Promise<void> {
  const at = clock.now()
  await journal.transaction(async (entries) => {
    const unheard = (await entries.ongoing()).filter((one) => !isOver(one) && one.acknowledgedAt === undefined)
    const messages = unheard.flatMap((incident) => [
      ...repeats(incident, dispatch, at),
      ...unacknowledged(incident, dispatch, escalation, at),
    ])
    if (messages.length > 0) await entries.say(messages)
  })
}

function repeats(incident: Incident, dispatch: TellDependencies['dispatch'], at: number): Message[] {
  return dispatch(standingMessage(incident, at)).flatMap(({ receiver, repeatIntervalMs }) => {
    if (repeatIntervalMs === 0) return []
    const count = Math.floor((at - incident.openedAt) / repeatIntervalMs)
    if (count < 1) return []
    const message = incidentMessage(incident, 'detected', at, 'it still goes on', `repeat:${receiver}:${count}`)
    return [{ ...message, addressed: { to: receiver, because: 'repeat', failed: [] } as const }]
  })
}

function unacknowledged(
  incident: Incident,
  dispatch: TellDependencies['dispatch'],
  escalation: TellDependencies['escalation'],
  at: number,
): Message[] {
  if (escalation === undefined || at - incident.openedAt < escalation.afterMs) return []
  // What nobody was told of, nobody can acknowledge.
  if (dispatch(standingMessage(incident, at)).length === 0) return []
  const minutes = Math.round(escalation.afterMs / 60_000)
  const text = `nobody has acknowledged this within ${minutes} min`
  const message = incidentMessage(incident, 'escalated', at, text, 'unacknowledged')
  return [{ ...message, addressed: { to: escalation.receiver, because: 'unacknowledged', failed: [] } }]
}
