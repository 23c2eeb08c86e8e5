const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 }

/** Reads `30m`, `1h30m`, `7d`: ms; undefined for what is no duration. */
export function readDuration(text: string): number | undefined {
  const match = /^(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?$/.exec(text)
  if (match === null || text === '') return undefined
  return Object.values(UNITS).reduce((sum, unit, i) => sum + Number(match[i + 1] ?? 0) * unit, 0)
}
