import { join } from 'node:path'
import type { Change } from '../domain/change.ts'
import type { Incident } from '../domain/incident.ts'
import { createFileIncidentStore } from '../store/incidents/file-store.ts'
import type { IncidentStore } from '../store/incidents/incident-store.ts'
import type { Mask } from '../train/gather.ts'

interface Occasions {
  readonly incidents: Iterable<Incident>
  readonly changes: Iterable<Change>
}

type Stretch = readonly [from: number, to: number]

/**
 * The times that training leaves out: incidents, and changes that somebody told us of. An incident that was called not
 * useful was normal life and stays in, so that it is learned.
 */
function stretchesOf({ incidents, changes }: Occasions): ReadonlyMap<string, readonly Stretch[]> {
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

/** Where the daemon keeps its incident book. */
export function incidentStoreIn(dataDir: string): IncidentStore {
  return createFileIncidentStore(join(dataDir, 'incidents'))
}

/**
 * The mask for a training beside the daemon.
 *
 * @throws an error of the file system when the incident book cannot be read
 */
export async function storedMask(dataDir: string): Promise<Mask> {
  const kept = await incidentStoreIn(dataDir).load()
  const mask = createTrainingMask()
  return (target, at) => mask.covers(kept, target, at)
}
