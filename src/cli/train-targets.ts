import type { HistoryReader } from '../train/gather.ts'
import { UsageError } from './exit.ts'

/** Where to look for targets. */
export interface TargetSearch {
  readonly history: HistoryReader
  /** Whether the source itself answers for one moment as it does for a stretch of time. */
  readonly remembers: boolean
  /** ms since the epoch */
  readonly at: number
  readonly historyMs: number
  /** A target that was there for less is not missed. */
  readonly minHistoryMs: number
}

/** Ids of the targets that can be trained on: those alive now, or, from the disk, those seen in the training's stretch. */
export async function findTargets(search: TargetSearch, signal: AbortSignal): Promise<string[]> {
  const { history, remembers, at, historyMs, minHistoryMs } = search
  const ids = new Set<string>()
  const stepMs = Math.max(1000, Math.floor(minHistoryMs / 2))
  for await (const snapshot of history.read({ fromMs: remembers ? at : at - historyMs, toMs: at, stepMs }, signal)) {
    for (const [slot, target] of snapshot.targets.entries()) {
      if (target !== undefined && !Number.isNaN(snapshot.sampledAt[slot])) ids.add(target.id)
    }
  }
  return [...ids].sort()
}

/** @throws {UsageError} naming the targets there are, when one is asked for that is not among them */
export function chooseTargets(known: readonly string[], asked: readonly string[] | undefined): readonly string[] {
  const strange = asked?.filter((id) => !known.includes(id)) ?? []
  if (strange.length > 0) {
    const few = known.slice(0, 10).join(', ')
    const more = known.length > 10 ? ` and ${known.length - 10} more` : ''
    throw new UsageError(`there is no target ${strange.join(', ')}; there are: ${few === '' ? 'none' : few + more}`)
  }
  return asked ?? known
}
