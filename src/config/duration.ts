/** Milliseconds of each unit, longest first: the order in which they may follow each other. */
const UNITS = [
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const

const DURATION = /^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/

/**
 * Reads a duration as Prometheus writes them: `15s`, `1m30s`, `7d`. Units w, d, h, m, s, ms, each at most once,
 * longest first, whole numbers only.
 *
 * @returns milliseconds, or undefined when the text is no duration or too long to count exactly
 */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text)
  if (match === null || text === '') return undefined
  const ms = UNITS.reduce((sum, [, unitMs], i) => sum + Number(match[i + 1] ?? 0) * unitMs, 0)
  return Number.isSafeInteger(ms) ? ms : undefined
}

/** Writes whole milliseconds ≥ 0 the way `parseDuration` reads them; weeks as days, as people do: 1209600000 → `14d`. */
export function formatDuration(ms: number): string {
  let rest = ms
  let text = ''
  for (const [unit, unitMs] of UNITS.slice(1)) {
    const count = Math.floor(rest / unitMs)
    if (count > 0) text += `${count}${unit}`
    rest -= count * unitMs
  }
  return text === '' ? '0s' : text
}
