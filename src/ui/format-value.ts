import type { UnitJson } from '../api/contract.ts'
import { formatDuration, formatNumber } from './format.ts'

/** What a feature counts; `ms` is only ever read from a name. */
type Unit = UnitJson | 'ms'

/** Endings of names that say their unit; what pushes readings names them so. */
const SUFFIXES: readonly (readonly [suffix: string, unit: Unit])[] = [
  ['_percent', 'percent'],
  ['_ratio', 'ratio'],
  ['_bytes_per_second', 'bytes_per_second'],
  ['_per_second', 'per_second'],
  ['_bytes', 'bytes'],
  ['_seconds', 'seconds'],
  ['_ms', 'ms'],
]
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

function suffixOf(name: string) {
  return SUFFIXES.find(([suffix]) => name.endsWith(suffix) && name.length > suffix.length)
}

/** The unit of a feature: what the API says, else what its name says. */
export function unitOf(name: string, unit: UnitJson | null): Unit | null {
  // A load is a ratio that may be many times 1: no part of a whole.
  if (unit === 'ratio' && name.includes('_per_')) return null
  return unit ?? suffixOf(name)?.[1] ?? null
}

/** A feature's name as words, without the unit that its numbers carry: `memory_used_ratio` → `memory used`. */
export function featureWords(name: string): string {
  const suffix = suffixOf(name)?.[0] ?? ''
  return name.slice(0, name.length - suffix.length).replaceAll('_', ' ')
}

/** `93 %`, `1.2 GB`, `120 /s`, `438 ms`; a dash where it is not known. */
export function formatValue(value: number | null | undefined, unit: Unit | null): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return formatNumber(value)
  switch (unit) {
    case 'percent':
      return `${formatNumber(value)} %`
    case 'ratio':
      return `${formatNumber(value * 100)} %`
    case 'bytes':
      return formatBytes(value)
    case 'bytes_per_second':
      return `${formatBytes(value)}/s`
    case 'per_second':
      return `${formatNumber(value)} /s`
    case 'seconds':
      return Math.abs(value) < 60 ? shortSeconds(value) : formatDuration(value)
    case 'ms':
      return `${formatNumber(value)} ms`
    case 'flag':
      return value === 0 ? 'no' : 'yes'
    default:
      return formatNumber(value)
  }
}

function shortSeconds(value: number): string {
  const isSmall = value !== 0 && Math.abs(value) < 1
  return isSmall ? `${formatNumber(value * 1000)} ms` : `${formatNumber(value)} s`
}

function formatBytes(value: number): string {
  const size = Math.abs(value)
  const step = size < 1000 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), BYTE_UNITS.length - 1)
  return `${formatNumber(value / 1000 ** step)} ${BYTE_UNITS[step]}`
}
