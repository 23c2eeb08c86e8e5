import { randomBytes } from 'node:crypto'

/** Ids of one millisecond, as many as their digits count. */
const MOST_AT_ONCE = 100_000

/**
 * Gives out ids that compare as they were given out, and that no other process gives out. A time that lies before the
 * one of the last id, as that of a delivery which had to wait, counts as that one.
 *
 * @param suffix tells this process from others; random unless given
 */
export function createIds(suffix = randomBytes(3).toString('hex')): (at: number) => string {
  let last = { at: Number.NEGATIVE_INFINITY, count: 0 }
  return (at) => {
    if (at > last.at) last = { at, count: 0 }
    else if (last.count + 1 < MOST_AT_ONCE) last = { at: last.at, count: last.count + 1 }
    else last = { at: last.at + 1, count: 0 }
    const time = new Date(last.at).toISOString().replaceAll(/[-:.]/g, '')
    return `${time}-${String(last.count).padStart(5, '0')}-${suffix}`
  }
}
