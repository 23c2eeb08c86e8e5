import type { Incident } from '../../domain/incident.ts'
import type { ChatReply, Person } from '../../notify/answers.ts'
import { type ChatDependencies, refused, said } from './dependencies.ts'
import { shortTime } from './words.ts'

/** No action, and no message, for an incident's target for so long. */
export async function silenceIncident(
  incident: Incident,
  forMs: number,
  person: Person,
  { remediation, clock, onSilence }: ChatDependencies,
): Promise<ChatReply> {
  const done = await remediation.silence(incident.id, clock.now() + forMs, 'set in a chat', person.by)
  if (done === undefined) return refused('This incident is no longer kept.')
  onSilence?.(done.silence, done.incident)
  return said(`${incident.target} is silenced until ${shortTime(done.silence.until)} by ${person.by}.`)
}
