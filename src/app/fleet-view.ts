import type { Fleet } from '../api/fleet.ts'
import type { FleetDetector } from '../detect/fleet-detector.ts'
import type { Verdicts } from '../pipeline/tick.ts'
import type { PushDoor } from './push/door.ts'

/** The newest verdicts, for the API to show. */
export interface FleetView extends Fleet {
  /** @param at time of the cycle, ms since the epoch */
  update(verdicts: Verdicts, at: number): void
}

export interface FleetViewParts extends Pick<Fleet, 'modelOf' | 'groupOf' | 'feature'> {
  readonly detector: FleetDetector
  readonly push: Pick<PushDoor, 'verdicts' | 'detail'>
  readonly alarmsPerDayOf: (id: string) => number
  /** Time from a target's first reading to the one that is its first score, ms. */
  readonly warmUpMs: number
  /** Whether there is something to show before the first cycle. */
  readonly readyAtOnce: boolean
}

export function createFleetView(parts: FleetViewParts): FleetView {
  const { detector, push, modelOf, groupOf, feature, alarmsPerDayOf, warmUpMs, readyAtOnce } = parts
  let verdicts: Verdicts = []
  let slots = new Map<string, number>()
  /** Since when targets that are warming up are seen. */
  let seenSince = new Map<string, number>()
  let cycleAt: number | undefined
  return {
    get firstCycleDone() {
      return readyAtOnce || cycleAt !== undefined
    },
    get cycleAt() {
      return cycleAt
    },
    update(next, at) {
      verdicts = next
      cycleAt = at
      slots = new Map()
      const since = seenSince
      seenSince = new Map()
      for (const [slot, verdict] of next.entries()) {
        if (verdict === undefined) continue
        const { id } = verdict.target
        slots.set(id, slot)
        if (verdict.state === 'warming_up') seenSince.set(id, since.get(id) ?? at)
      }
    },
    *verdicts() {
      for (const verdict of verdicts) if (verdict !== undefined) yield verdict
      yield* push.verdicts()
    },
    modelOf,
    groupOf,
    feature,
    readyAt(id) {
      const since = seenSince.get(id)
      return since === undefined ? undefined : since + warmUpMs
    },
    detail(id) {
      const slot = slots.get(id) ?? -1
      const verdict = verdicts[slot]
      if (verdict === undefined) return push.detail(id)
      return { verdict, features: detector.explain(slot), alarmsPerDay: alarmsPerDayOf(id), model: modelOf(id) }
    },
  }
}
