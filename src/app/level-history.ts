import type { LevelPoint } from '../notify/chart-svg.ts'
import type { Verdicts } from '../pipeline/tick.ts'

/** Points kept of a target, and their shortest distance: an hour. */
const POINTS = 240
const STEP_MS = 15_000
const KEPT_MS = POINTS * STEP_MS

/** The levels of the last hour, for charts: about 3 kB a target. */
export interface LevelHistory {
  add(at: number, verdicts: Verdicts): void
  /** Oldest first; empty for a target that is not known. */
  of(target: string): readonly LevelPoint[]
}

interface Ring {
  readonly times: Float64Array
  readonly levels: Float32Array
  /** Points ever written. */
  count: number
}

export function createLevelHistory(): LevelHistory {
  const rings = new Map<string, Ring>()
  let sweptAt = Number.NEGATIVE_INFINITY

  function add(at: number, verdicts: Verdicts): void {
    for (const verdict of verdicts) {
      if (verdict === undefined || verdict.state !== 'fresh' || Number.isNaN(verdict.level)) continue
      let ring = rings.get(verdict.target.id)
      if (ring === undefined) {
        ring = { times: new Float64Array(POINTS), levels: new Float32Array(POINTS), count: 0 }
        rings.set(verdict.target.id, ring)
      }
      if (at < newest(ring) + STEP_MS) continue
      const place = ring.count % POINTS
      ring.times[place] = at
      ring.levels[place] = verdict.level
      ring.count++
    }
    if (at < sweptAt + KEPT_MS) return
    sweptAt = at
    for (const [id, ring] of rings) if (newest(ring) < at - KEPT_MS) rings.delete(id)
  }

  function of(target: string): readonly LevelPoint[] {
    const ring = rings.get(target)
    if (ring === undefined) return []
    const since = newest(ring) - KEPT_MS
    const length = Math.min(ring.count, POINTS)
    const points = Array.from({ length }, (_, i): LevelPoint => {
      const place = (ring.count - length + i) % POINTS
      return { at: ring.times[place], level: ring.levels[place] }
    })
    return points.filter(({ at }) => at >= since)
  }

  return { add, of }
}

function newest({ times, count }: Ring): number {
  return count === 0 ? Number.NEGATIVE_INFINITY : times[(count - 1) % POINTS]
}
