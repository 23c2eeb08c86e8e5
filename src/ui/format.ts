/** Numbers and times as people read them: at most three digits that matter, always with their unit. */

const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })
const PLAIN = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, useGrouping: false })
const NOT_KNOWN = '–'

/** `0.0123`, `46`, `1.23k`, `4.5M`; a dash where nothing is known. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NOT_KNOWN
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return minus(value.toExponential(1))
  return minus(size < 1000 ? PLAIN.format(value) : SHORT.format(value).replace('K', 'k'))
}

/** A level in units of the threshold: `0.42`, `1.9`, `12`. */
export function formatLevel(level: number | null | undefined): string {
  if (level === null || level === undefined || !Number.isFinite(level)) return formatNumber(level)
  return level >= 10 ? formatNumber(level) : level.toFixed(level >= 0.995 ? 1 : 2)
}

/** @param share 0–1 */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined || Number.isNaN(share)) return NOT_KNOWN
  if (share > 0 && share < 0.01) return '< 1 %'
  return `${Math.round(share * 100)} %`
}

/** Whole numbers in words' company: `1,234`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en')
}

function minus(text: string): string {
  return text.replace('-', '−')
}

const DURATIONS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const

/** `45 s`, `6 min`, `3 h 20 min`, `12 d`: two units at most, the second only where it matters. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return NOT_KNOWN
  if (seconds < 0) return `−${formatDuration(-seconds)}`
  if (!Number.isFinite(seconds)) return '∞'
  if (seconds < 1 && seconds > 0) return `${formatNumber(seconds * 1000)} ms`
  if (seconds < 59.5) return `${Math.round(seconds)} s`
  const i = DURATIONS.findIndex(([unit, size]) => seconds >= size - (unit === 'min' ? 0.5 : 30))
  const [unit, size] = DURATIONS[i]
  const next = DURATIONS[i + 1]
  const whole = next === undefined ? Math.round(seconds / size) : Math.floor((seconds + next[1] / 2) / size)
  if (next === undefined || whole >= 10) return `${next === undefined ? whole : Math.round(seconds / size)} ${unit}`
  const rest = Math.round((seconds - whole * size) / next[1])
  return rest > 0 ? `${whole} ${unit} ${rest} ${next[0]}` : `${whole} ${unit}`
}

/** `now`, `6 min ago`, `in 40 s`. @param at, now ms since the epoch */
export function formatRelative(at: number, now: number): string {
  const seconds = (now - at) / 1000
  if (Math.abs(seconds) < 1) return 'now'
  return seconds > 0 ? `${formatDuration(seconds)} ago` : `in ${formatDuration(-seconds)}`
}

/** `0:02`, `5:46`, `1:02:03`: how long after the beginning. */
export function formatOffset(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return hours === 0 ? `${minutes}:${pad(rest)}` : `${hours}:${pad(minutes)}:${pad(rest)}`
}

const pad = (part: number) => String(part).padStart(2, '0')

/** `14:31:05`, in the time zone of who looks. */
export function formatClock(at: number): string {
  const date = new Date(at)
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
}

/** `2026-11-21 14:31:05`, in the time zone of who looks. */
export function formatExact(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${formatClock(at)}`
}

/** The clock alone for today, with its date for other days. */
export function formatMoment(at: number, now: number): string {
  return new Date(at).toDateString() === new Date(now).toDateString() ? formatClock(at) : formatExact(at)
}

/** `time_to_detect` → `time to detect`: names of causes, actions and states as words. */
export function words(name: string): string {
  return name.replaceAll('_', ' ').toLowerCase()
}

/** With a capital letter, as a sentence or a title begins. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** `1 target`, `2 targets`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}
