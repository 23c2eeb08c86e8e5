import type { Finding, Path } from './problem.ts'

/** @param reads keys that the finding rests on, besides its own: it is not told where one of them is wrong by itself */
export function finding(path: string, message: string, hint: string, reads: readonly string[] = []): Finding {
  return { path: pathOf(path), message, hint, reads: [path, ...reads].map(pathOf) }
}

/** Finds fault unless exactly one of the keys is given. */
export function* exactlyOne<K extends string>(
  path: string,
  holder: Partial<Record<K, unknown>>,
  keys: readonly K[],
): Iterable<Finding> {
  const given = keys.filter((key) => holder[key] !== undefined)
  if (given.length === 1) return
  const reads = keys.map((key) => `${path}.${key}`)
  const message =
    given.length > 0
      ? `has ${given.length === 2 ? 'both ' : ''}${given.join(' and ')}`
      : keys.length === 2
        ? `has neither ${keys.join(' nor ')}`
        : `has none of ${keys.join(', ')}`
  yield finding(path, message, 'exactly one of them is needed', reads)
}

function pathOf(dotted: string): Path {
  return dotted.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key))
}
