import type { Request } from 'express'
import type { Page } from './contract.ts'
import { ApiError } from './problem.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

export interface PageQuery {
  /** 1–1000 */
  readonly limit: number
  /** Key of the last item of the page before. */
  readonly after: string | undefined
}

/**
 * Reads `?limit=` and `?cursor=`.
 *
 * @throws {ApiError} `invalid_parameter` unless limit is a whole number ≥ 1 (more than 1000 count as 1000) and the
 * cursor is one of ours
 */
export function readPageQuery(req: Request): PageQuery {
  const { limit, cursor } = req.query
  return {
    limit: limit === undefined ? DEFAULT_LIMIT : readLimit(limit),
    after: cursor === undefined ? undefined : readCursor(cursor),
  }
}

function readLimit(text: unknown): number {
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text) || Number(text) === 0) {
    throw new ApiError('invalid_parameter', 'limit must be a whole number from 1 to 1000')
  }
  return Math.min(Number(text), MAX_LIMIT)
}

function readCursor(text: unknown): string {
  const key = typeof text === 'string' ? Buffer.from(text, 'base64url').toString() : ''
  if (key === '' || cursorOf(key) !== text) {
    throw new ApiError('invalid_parameter', 'cursor must be the next_cursor of an earlier answer')
  }
  return key
}

/** The cursor for what follows an item. */
export function cursorOf(key: string): string {
  return Buffer.from(key).toString('base64url')
}

/**
 * The page after a key. Pages are ordered by key, so an item that comes or goes between two requests moves no other
 * item from one page to the next.
 */
export function pageOf<T>(items: Iterable<T>, keyOf: (item: T) => string, { limit, after }: PageQuery): Page<T> {
  const rest = [...items].filter((item) => after === undefined || keyOf(item) > after)
  rest.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  return { items: page, next_cursor: last === undefined || rest.length === page.length ? null : cursorOf(keyOf(last)) }
}
