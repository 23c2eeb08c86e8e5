import type { Message } from '../domain/message.ts'
import type { JournalEntries } from './journal.ts'
import type { Delivery } from './outbox.ts'
import { isOver } from './tell-dependencies.ts'

/** What speaks against saying something. */
interface Hush {
  /** Until when a message's target is silenced, or under maintenance; undefined when it is neither. */
  untilOf(message: Message): number | undefined
  /** Whether the message's incident has ended, or is forgotten. */
  isOver(message: Message): boolean
}

export async function hushOf(entries: JournalEntries, deliveries: readonly Delivery[], at: number): Promise<Hush> {
  const untilOf = await quietNow(entries, at)
  const over = new Set<string>()
  for (const id of new Set(deliveries.map(({ message }) => message.incidentId))) {
    const incident = id === undefined ? undefined : await entries.incident(id)
    if (id !== undefined && (incident === undefined || isOver(incident))) over.add(id)
  }
  return { untilOf, isOver: ({ incidentId }: Message) => incidentId !== undefined && over.has(incidentId) }
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
