import type { Incident } from '../domain/incident.ts'
import type { Message } from '../domain/message.ts'
import type { JournalEntries } from './journal.ts'
import type { Delivery } from './outbox.ts'
import { isOver, type TellDependencies } from './tell-dependencies.ts'

/** A silence that is kept elsewhere may be lifted there at any time. */
const LOOK_AGAIN_MS = 60_000

/** What speaks against saying something. */
interface Hush {
  /** Until when a message's target is silenced, or under maintenance; undefined when it is neither. */
  untilOf(message: Message): number | undefined
  /** Whether the message's incident has ended, or is forgotten. */
  isOver(message: Message): boolean
}

/** @param elsewhere until when an incident is silenced by others */
export async function hushOf(
  entries: JournalEntries,
  deliveries: readonly Delivery[],
  at: number,
  elsewhere: TellDependencies['silencedElsewhere'],
): Promise<Hush> {
  const quiet = await quietNow(entries, at)
  const incidents = new Map<string, Incident | undefined>()
  for (const { message } of deliveries) {
    const { incidentId: id } = message
    if (id !== undefined && !incidents.has(id)) incidents.set(id, await entries.incident(id))
  }
  const incidentOf = ({ incidentId }: Message) => (incidentId === undefined ? undefined : incidents.get(incidentId))
  return {
    untilOf(message) {
      const incident = incidentOf(message)
      const lifted = incident && elsewhere?.(incident, at)
      return maximum(quiet(message), lifted && Math.min(lifted, at + LOOK_AGAIN_MS))
    },
    isOver(message) {
      const incident = incidentOf(message)
      return message.incidentId !== undefined && (incident === undefined || isOver(incident))
    },
  }
}

/** Until when a message's target is silenced, or under maintenance; undefined when it is neither. */
export async function quietNow(entries: JournalEntries, at: number): Promise<(message: Message) => number | undefined> {
  const silences = (await entries.silences(at)).filter(({ from }) => from <= at)
  const changes = (await entries.changes(at)).filter(({ from, to }) => from <= at && at < to)
  return ({ target }) => {
    if (target === undefined) return undefined
    const ends = [
      ...silences.filter((one) => one.target === target).map(({ until }) => until),
      ...changes.filter(({ targets }) => targets.includes(target)).map(({ to }) => to),
    ]
    return ends.length === 0 ? undefined : Math.max(...ends)
  }
}

export function maximum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b)
}
