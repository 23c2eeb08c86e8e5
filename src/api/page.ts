import type { Page } from './contract.ts'

export interface PageQuery {
  /** 1–1000 */
  readonly limit: number
  /** Key of the last item of the page before. */
  readonly cursor?: string
}

/** The cursor for what follows an item. */
export function cursorOf(key: string): string {
  return Buffer.from(key).toString('base64url')
}

/** Whether a text can be the id of a record of ours; a cursor of a list of records is the id of its last one. */
export function isRecordId(text: string): boolean {
  return /^[\w.:-]{1,200}$/.test(text)
}

/**
 * The page after a key. Pages are ordered by key, so an item that comes or goes between two requests moves no other
 * item from one page to the next.
 */
export function pageOf<T>(items: Iterable<T>, keyOf: (item: T) => string, { limit, cursor }: PageQuery): Page<T> {
  const rest = [...items].filter((item) => cursor === undefined || keyOf(item) > cursor)
  rest.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  return { items: page, next_cursor: last === undefined || rest.length === page.length ? null : cursorOf(keyOf(last)) }
}
