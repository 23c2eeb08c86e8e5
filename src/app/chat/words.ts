import { formatDuration } from '../../config/duration.ts'

/** `12:05 UTC`, with the day: a chat is read in any time zone, and later. */
export function shortTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(5, 16).replace('T', ' ')} UTC`
}

export function rounded(value: number): string {
  return Number.isNaN(value) ? 'unknown' : String(Number(value.toPrecision(3)))
}

/** `3 targets`, `1 target`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

export function ago(ms: number): string {
  return formatDuration(Math.max(1000, Math.floor(ms / 1000) * 1000))
}
