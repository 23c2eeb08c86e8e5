/** What a page's charts show: the last so many minutes, or a fixed time. Lives in the address. */
export interface TimeRange {
  /** ms since the epoch */
  readonly from: number
  readonly to: number
  /** Whether it goes on with the time; a fixed one does not. */
  readonly isLive: boolean
}

/** Choices of a live range, ms. */
export const PRESETS = {
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
} as const
export type Preset = keyof typeof PRESETS

export const DEFAULT_PRESET: Preset = '1h'
/** Less is a slip of the mouse. */
const SHORTEST_MS = 10_000

export interface RangeParams {
  readonly range?: string
  readonly from?: string
  readonly to?: string
}

/** @returns the preset that the address asks for; undefined where it asks for a fixed time */
export function presetOf({ range, from, to }: RangeParams): Preset | undefined {
  if (fixedOf(from, to) !== undefined) return undefined
  return range !== undefined && Object.hasOwn(PRESETS, range) ? (range as Preset) : DEFAULT_PRESET
}

/** What the address asks for; what makes no sense counts as not said. */
export function rangeOf(params: RangeParams, now: number): TimeRange {
  const fixed = fixedOf(params.from, params.to)
  if (fixed !== undefined) return fixed
  return { from: now - PRESETS[presetOf(params) ?? DEFAULT_PRESET], to: now, isLive: true }
}

function fixedOf(from: string | undefined, to: string | undefined): TimeRange | undefined {
  const [start, end] = [Date.parse(from ?? ''), Date.parse(to ?? '')]
  return end - start >= SHORTEST_MS ? { from: start, to: end, isLive: false } : undefined
}

/** The parameters of a fixed range; undefined where it is too short to mean anything. @param from, to ms */
export function zoomed(from: number, to: number): { readonly from: string; readonly to: string } | undefined {
  if (to - from < SHORTEST_MS) return undefined
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}
