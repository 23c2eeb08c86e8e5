/** Periods that can be chosen, by their name in the address, with their length in ms. */
export const PERIODS = {
  '1d': { words: '24 hours', ms: 86_400_000 },
  '7d': { words: '7 days', ms: 7 * 86_400_000 },
  '30d': { words: '30 days', ms: 30 * 86_400_000 },
  '90d': { words: '90 days', ms: 90 * 86_400_000 },
} as const
export type Period = keyof typeof PERIODS

const MINUTE_MS = 60_000

/** The period of an address; a week where it names none. */
export function periodOf(name: string): Period {
  return Object.hasOwn(PERIODS, name) ? (name as Period) : '7d'
}

/** Where KPIs of a period are found that goes on until they are asked for. @param now ms since the epoch */
export function kpisPath(period: Period, now: number): string {
  const from = Math.floor((now - PERIODS[period].ms) / MINUTE_MS) * MINUTE_MS
  return `kpis?${new URLSearchParams({ from: new Date(from).toISOString() })}`
}
