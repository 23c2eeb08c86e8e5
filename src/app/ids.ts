import { randomBytes } from 'node:crypto'

/**
 * Gives out ids that compare as they were given out, and that no other process gives out.
 *
 * @param suffix tells this process from others; random unless given
 */
export function createIds(suffix = randomBytes(3).toString('hex')): (at: number) => string {
  let last = { at: Number.NaN, count: 0 }
  return (at) => {
    last = at === last.at ? { at, count: last.count + 1 } : { at, count: 0 }
    const time = new Date(at).toISOString().replaceAll(/[-:.]/g, '')
    return `${time}-${String(last.count).padStart(5, '0')}-${suffix}`
  }
}
