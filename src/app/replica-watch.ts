import type { Happening, Happenings } from '../api/events/happenings.ts'
import { type Action, OPEN_STATES } from '../domain/action.ts'
import type { Incident } from '../domain/incident.ts'
import { type Journal, type JournalEntries, JournalError } from '../pipeline/journal.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'

/** How often others are looked for: people wait no longer than this for what another process has done. */
const EVERY_MS = 5_000
/** Newest actions that are looked at, and those that go on however old they are. */
const NEWEST_READ = 200
const ONGOING_READ = 1000

export interface ReplicaWatchDependencies {
  readonly journal: Pick<Journal, 'transaction'>
  readonly happenings: Happenings
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Tells of what other processes have written into the same store: what changed since the last look, and was not told by
 * this process. The kill switch is looked at elsewhere, every second. Looks until the signal aborts.
 */
export async function watchReplicas(dependencies: ReplicaWatchDependencies, signal: AbortSignal): Promise<void> {
  const { happenings, clock, logger } = dependencies
  const told = new Map<string, string>()
  const silence = happenings.listen((happening) => note(told, happening))
  let before: Ongoing | undefined
  while (!signal.aborted) {
    try {
      const found = await look(dependencies, before ?? { incidents: new Set(), actions: new Set() }, told)
      for (const happening of found.happenings) {
        const isNews = note(told, happening)
        // What was there before is no news.
        if (isNews && before !== undefined) happenings.tell(happening)
      }
      before = found.ongoing
      forget(told, found.happenings)
    } catch (err) {
      // That the store fails is told elsewhere.
      if (!(err instanceof JournalError)) logger.error({ err }, 'what other processes did could not be read')
    }
    await clock.sleep(EVERY_MS, signal).catch(() => {})
  }
  silence()
}

/** Ids of what is not over. */
interface Ongoing {
  readonly incidents: ReadonlySet<string>
  readonly actions: ReadonlySet<string>
}

interface Found {
  readonly happenings: readonly Happening[]
  readonly ongoing: Ongoing
}

/**
 * @param before what went on at the last look
 * @param told marks of what was told by then
 */
async function look(
  { journal }: ReplicaWatchDependencies,
  before: Ongoing,
  told: ReadonlyMap<string, string>,
): Promise<Found> {
  return journal.transaction(async (entries) => {
    const open = await entries.ongoing()
    const ongoing = new Set(open.map(({ id }) => id))
    const over: Incident[] = []
    for (const id of before.incidents) {
      const incident = ongoing.has(id) ? undefined : await entries.incident(id)
      if (incident !== undefined) over.push(incident)
    }
    const incidents = [...open, ...over]
    const labels = new Map(incidents.map((incident) => [incident.id, incident.labels]))
    const { actions, going } = await readActions(entries, before.actions)
    for (const action of actions) {
      const { id, incidentId } = action
      if (incidentId === undefined || labels.has(incidentId) || told.get(keyOfAction(id)) === markOfAction(action))
        continue
      labels.set(incidentId, (await entries.incident(incidentId))?.labels ?? {})
    }
    return {
      ongoing: { incidents: ongoing, actions: going },
      happenings: [
        ...incidents.map(
          (incident): Happening => ({ kind: 'incident', incident, opened: !before.incidents.has(incident.id) }),
        ),
        ...actions.map((action): Happening => {
          return { kind: 'action', action, labels: labels.get(action.incidentId ?? '') ?? {} }
        }),
      ],
    }
  })
}

/**
 * In a storm the newest are not all of those that change: a person answers an older one.
 *
 * @param before ids of those that went on at the last look
 * @returns the oldest first
 */
async function readActions(entries: JournalEntries, before: ReadonlySet<string>) {
  const open = await entries.actions({ states: OPEN_STATES, limit: ONGOING_READ })
  const newest = await entries.actions({ limit: NEWEST_READ })
  const found = new Map([...newest, ...open].map((action) => [action.id, action]))
  for (const id of before) {
    const over = found.has(id) ? undefined : await entries.action(id)
    if (over !== undefined) found.set(id, over)
  }
  const actions = [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return { actions, going: new Set(open.map(({ id }) => id)) }
}

/** @returns whether it is otherwise than it was told last */
function note(told: Map<string, string>, happening: Happening): boolean {
  const [key, mark] = markOf(happening) ?? []
  if (key === undefined || mark === undefined || told.get(key) === mark) return false
  told.set(key, mark)
  return true
}

function markOf(happening: Happening): readonly [key: string, mark: string] | undefined {
  switch (happening.kind) {
    case 'incident':
      return [`incident ${happening.incident.id}`, markOfIncident(happening.incident)]
    case 'action':
      return [keyOfAction(happening.action.id), markOfAction(happening.action)]
    default:
      return undefined
  }
}

function markOfIncident({ state, level, timeline, acknowledgedAt, feedback, alerts }: Incident): string {
  const newest = timeline.at(-1)
  return JSON.stringify([
    state,
    level,
    timeline.length,
    newest?.at,
    newest?.kind,
    acknowledgedAt,
    feedback,
    alerts.length,
  ])
}

function keyOfAction(id: string): string {
  return `action ${id}`
}

function markOfAction({ state, epoch, reason, call, approvedBy }: Action): string {
  return JSON.stringify([state, epoch, reason, call, approvedBy])
}

/** Marks of what is no longer looked at would add up. */
function forget(told: Map<string, string>, found: readonly Happening[]): void {
  if (told.size <= 4 * found.length + 1000) return
  const seen = new Set(found.map((happening) => markOf(happening)?.[0]))
  for (const key of told.keys()) if (!seen.has(key)) told.delete(key)
}
