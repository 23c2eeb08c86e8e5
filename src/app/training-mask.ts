import type { Action } from '../domain/action.ts'
import type { Change } from '../domain/change.ts'
import type { Incident } from '../domain/incident.ts'
import type { Silence } from '../domain/safety.ts'

/** What has happened that no model should learn from. */
export interface Occasions {
  readonly incidents: Iterable<Incident>
  readonly changes: Iterable<Change>
  readonly silences: Iterable<Silence>
  readonly actions: Iterable<Pick<Action, 'target' | 'startedAt' | 'finishedAt' | 'verification'>>
}

type Stretch = readonly [from: number, to: number]

/**
 * The times that training leaves out: incidents, changes and silences that somebody told us of, and our own actions
 * until they should have shown effect. An incident that was called not useful was normal life and stays in, so that it
 * is learned.
 */
function stretchesOf({ incidents, changes, silences, actions }: Occasions): ReadonlyMap<string, readonly Stretch[]> {
  const stretches = new Map<string, Stretch[]>()
  const add = (target: string, stretch: Stretch) => {
    const own = stretches.get(target)
    if (own === undefined) stretches.set(target, [stretch])
    else own.push(stretch)
  }
  for (const { target, openedAt, endedAt, feedback } of incidents) {
    if (feedback?.useful !== false) add(target, [openedAt, endedAt ?? Number.POSITIVE_INFINITY])
  }
  for (const { targets, from, to } of changes) for (const target of new Set(targets)) add(target, [from, to])
  for (const { target, from, until } of silences) add(target, [from, until])
  for (const { target, startedAt, finishedAt, verification } of actions) {
    if (startedAt !== undefined) add(target, [startedAt, (finishedAt ?? startedAt) + verification.withinMs])
  }
  return stretches
}

/** Keeps the stretches until told that there are others. */
export function createTrainingMask() {
  let known: ReturnType<typeof stretchesOf> | undefined
  return {
    covers(occasions: Occasions, target: string, at: number): boolean {
      known ??= stretchesOf(occasions)
      return known.get(target)?.some(([from, to]) => at >= from && at <= to) ?? false
    },
    forget(): void {
      known = undefined
    },
  }
}
