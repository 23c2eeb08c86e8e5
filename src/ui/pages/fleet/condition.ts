import type { FleetTargetJson } from '../../../api/contract.ts'
import { type LevelBand, levelLook } from '../../level.ts'

/** How a target is, as the fleet is counted and filtered by. */
export type Condition = 'alarm' | 'raised' | 'normal' | 'warming_up' | 'stale'

export const CONDITIONS: readonly Condition[] = ['alarm', 'raised', 'normal', 'warming_up', 'stale']

export const CONDITION_WORDS: Readonly<Record<Condition, string>> = {
  alarm: 'alarm',
  raised: 'raised',
  normal: 'normal',
  warming_up: 'warming up',
  stale: 'no data',
}

/** How a tile is drawn, and what it says. */
export interface TileLook {
  readonly condition: Condition
  readonly band: LevelBand
  readonly sign: string
  readonly word: string
}

const WARMING_UP: TileLook = { condition: 'warming_up', band: 'unknown', sign: '◔', word: 'warming up' }
const STALE: TileLook = { condition: 'stale', band: 'unknown', sign: '◌', word: 'no data' }
const CONDITION_OF: Readonly<Record<LevelBand, Condition>> = {
  unknown: 'warming_up',
  neutral: 'normal',
  faint: 'raised',
  amber: 'alarm',
  red: 'alarm',
}

export function lookOf({ state, level, detected }: FleetTargetJson): TileLook {
  if (state === 'stale') return STALE
  if (state === 'warming_up' || level === null) return WARMING_UP
  const { band, sign, word } = levelLook(level)
  // An alarm ends later than its level falls below the threshold, and may begin a little later as well.
  if (detected && band !== 'amber' && band !== 'red')
    return { condition: 'alarm', band: 'amber', sign: '▲', word: 'alarm' }
  return { condition: CONDITION_OF[band], band, sign, word }
}

export function countConditions(targets: readonly FleetTargetJson[]): Readonly<Record<Condition, number>> {
  const counts = { alarm: 0, raised: 0, normal: 0, warming_up: 0, stale: 0 }
  for (const target of targets) counts[lookOf(target).condition]++
  return counts
}
