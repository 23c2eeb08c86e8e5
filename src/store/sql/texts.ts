import { createHash } from 'node:crypto'

/** PostgreSQL refuses longer keys in an index. */
const INDEXED_BYTES = 1000

/** A text as both databases give it back: without NUL, which PostgreSQL refuses, and without halves of characters. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}

/** A text for a column with an index: a long one is cut, with its hash in place of the rest. */
export function indexable(text: string): string {
  const whole = storable(text)
  if (whole.length <= INDEXED_BYTES / 4 || Buffer.byteLength(whole) <= INDEXED_BYTES) return whole
  return `${whole.slice(0, INDEXED_BYTES / 8).toWellFormed()}#${createHash('sha256').update(text).digest('hex')}`
}

/** A time for a column of whole numbers. */
export function wholeMs(at: number): number {
  return Math.round(Math.min(Math.max(at, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER))
}

/** JSON with the keys in order, so that the same content is the same text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`).join(',')}}`
}

/** Rows in pieces that fit into one statement. */
export function pieces<T>(rows: readonly T[], size = 500): T[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size))
}
