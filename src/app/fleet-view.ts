import type { Fleet } from '../api/fleet.ts'
import type { FleetDetector } from '../detect/fleet-detector.ts'
import type { Verdicts } from '../pipeline/tick.ts'
import type { ModelInUse } from './model-registry.ts'
import type { PushDoor } from './push/door.ts'

/** The newest verdicts, for the API to show. */
export interface FleetView extends Fleet {
  update(verdicts: Verdicts): void
}

export function createFleetView(
  detector: FleetDetector,
  push: Pick<PushDoor, 'verdicts' | 'detail'>,
  modelOf: (id: string) => ModelInUse | undefined,
  alarmsPerDayOf: (id: string) => number,
): FleetView {
  let verdicts: Verdicts = []
  let firstCycleDone = false
  return {
    get firstCycleDone() {
      return firstCycleDone
    },
    update(next) {
      verdicts = next
      firstCycleDone = true
    },
    *verdicts() {
      for (const verdict of verdicts) if (verdict !== undefined) yield verdict
      yield* push.verdicts()
    },
    modelOf,
    detail(id) {
      const slot = verdicts.findIndex((verdict) => verdict?.target.id === id)
      const verdict = verdicts[slot]
      if (verdict === undefined) return push.detail(id)
      return { verdict, features: detector.explain(slot), alarmsPerDay: alarmsPerDayOf(id), model: modelOf(id) }
    },
  }
}
