import { createRandom } from '../../domain/random.ts'
import type { ScheduledFault } from '../../simulate/campaign.ts'
import type { FaultRequest } from './world-file.ts'

/** Hands out the faults of a world when their time comes. */
export interface FaultFeed {
  /** Those due before this tick, and none twice; ticks must not go back. */
  due(tick: number): readonly DueFault[]
}

export interface DueFault extends ScheduledFault {
  readonly by: 'schedule' | 'chance'
}

/** Ticks that a fault lasts when nobody says how many: from … to. */
export const FAULT_TICKS: readonly [number, number] = [8, 18]

/**
 * @param schedule in any order
 * @param chance in the order of time; undefined for a world without
 */
export function createFaultFeed(
  schedule: readonly ScheduledFault[],
  chance: Iterator<ScheduledFault, never> | undefined,
): FaultFeed {
  const left = [...schedule].sort((a, b) => a.atTick - b.atTick)
  let next = chance?.next().value
  return {
    due(tick) {
      const due: DueFault[] = []
      while (left.length > 0 && left[0].atTick <= tick) due.push({ ...left.shift()!, by: 'schedule' })
      while (next !== undefined && next.atTick <= tick) {
        due.push({ ...next, by: 'chance' })
        next = chance?.next().value
      }
      return due
    },
  }
}

/** What was asked for in time, in ticks; the length that nobody gave is drawn. */
export function scheduled(
  requests: readonly FaultRequest[],
  tickMs: number,
  seed: number,
  [fewest, most]: readonly [number, number] = FAULT_TICKS,
): ScheduledFault[] {
  const random = createRandom(seed)
  return requests.map(({ at, ticks, ...fault }) => ({
    ...fault,
    ticks: ticks ?? fewest + Math.floor(random() * (most - fewest + 1)),
    atTick: Math.round(at / tickMs),
  }))
}
