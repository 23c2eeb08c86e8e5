import type { FeatureMatrix } from '../../domain/feature-matrix.ts'
import type { Exhaustion } from '../../domain/verdict.ts'
import { enlarged } from '../arrays.ts'
import { createExhaustionForecaster, type ExhaustionForecast, WINDOWS_MS } from './forecaster.ts'

export interface ExhaustionWatchOptions {
  /** Features that are the used share of a resource, 0–1; without any nothing is watched. */
  readonly resources: readonly string[]
  /** Length of the shortest window a trend is sought in. */
  readonly shortestWindowMs: number
}

/** Follows the resources of the whole fleet, by slot. */
export interface ExhaustionWatch {
  grow(slots: number): void
  clear(slot: number): void
  /** Takes the fresh rows in, and forecasts anew for the slots whose turn it is. */
  observe(matrix: FeatureMatrix, slots: readonly number[]): void
  /** The slot's latest forecasts, counted from `at`, ms since the epoch; the soonest first. */
  forecasts(slot: number, at: number): readonly Exhaustion[]
}

/** A slot's turn comes so many times in the shortest window: with every second of its blocks. */
const TURNS_A_WINDOW = 6

/** Multiples of the golden ratio spread evenly over 0–1. */
const GOLDEN = (Math.sqrt(5) - 1) / 2

const NOTHING: readonly Exhaustion[] = []

/** Forecasts with the time they were made at, ms since the epoch. */
interface Told {
  readonly at: number
  readonly forecasts: readonly Exhaustion[]
}

/**
 * Every reading is taken in, but forecasts cost more and change little from one reading to the next: each slot has its
 * turn once a minute (with the default window), and the turns of a fleet are spread evenly, so that no tick pays for all.
 */
export function createExhaustionWatch({ resources, shortestWindowMs }: ExhaustionWatchOptions): ExhaustionWatch {
  const windowsMs = [shortestWindowMs, ...WINDOWS_MS.filter((windowMs) => windowMs > shortestWindowMs)]
  const forecaster = createExhaustionForecaster({ resources, windowsMs })
  const turnMs = shortestWindowMs / TURNS_A_WINDOW
  let turnAt = new Float64Array(0)
  const told: (Told | undefined)[] = []

  function forecast(slot: number, at: number): Told | undefined {
    const forecasts: Exhaustion[] = []
    for (const [r, resource] of resources.entries()) {
      const found = forecaster.forecast(slot, r, at)
      if (found !== undefined) forecasts.push(exhaustionOf(resource, found))
    }
    return forecasts.length === 0 ? undefined : { at, forecasts: forecasts.sort((a, b) => a.seconds - b.seconds) }
  }

  function takeTurn(slot: number, at: number): void {
    if (Number.isNaN(turnAt[slot])) turnAt[slot] = at + ((slot * GOLDEN) % 1) * turnMs
    if (at < turnAt[slot]) return
    turnAt[slot] += turnMs
    // After an outage one turn is enough.
    if (turnAt[slot] <= at) turnAt[slot] = at + turnMs
    told[slot] = forecast(slot, at)
  }

  return {
    grow(slots) {
      forecaster.grow(slots)
      turnAt = enlarged(turnAt, slots, Number.NaN)
    },
    clear(slot) {
      forecaster.clear(slot)
      turnAt[slot] = Number.NaN
      told[slot] = undefined
    },
    observe({ at, names, values, sampledAt }, slots) {
      if (resources.length === 0) return
      const columns = resources.map((resource) => names.indexOf(resource))
      for (const slot of slots) {
        for (let r = 0; r < columns.length; r++) {
          if (columns[r] >= 0) forecaster.observe(slot, r, sampledAt[slot], values[slot * names.length + columns[r]])
        }
        takeTurn(slot, at)
      }
    },
    forecasts(slot, at) {
      const latest = told[slot]
      if (latest === undefined) return NOTHING
      const passed = (at - latest.at) / 1000
      const left = (seconds: number) => Math.max(0, seconds - passed)
      return latest.forecasts.map(({ resource, seconds, low, high }) => {
        return { resource, seconds: left(seconds), low: left(low), high: left(high) }
      })
    },
  }
}

function exhaustionOf(resource: string, { seconds, low, high }: ExhaustionForecast): Exhaustion {
  return { resource, seconds, low, high }
}
