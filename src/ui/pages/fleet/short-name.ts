import { instanceOf } from '../../components/deed.ts'

/**
 * What to leave out at the end of each name of a group so that the rest tells them apart: a port and a domain that all
 * have in common, and no part of a word.
 */
export function commonEnd(ids: readonly string[]): string {
  if (ids.length < 2) return ''
  let end = ''
  const names = ids.map(instanceOf)
  for (const part of partsOf(names[0])) {
    const longer = part + end
    if (/^\.\d*$/.test(part) || !names.every((name) => name.endsWith(longer) && name.length > longer.length)) break
    end = longer
  }
  return end
}

export function shortName(id: string, end: string): string {
  const name = instanceOf(id)
  return end === '' ? name : name.slice(0, -end.length)
}

/** `.example`, `.com`, `:9100` from the last one on; without the first part, and without those of an address. */
function partsOf(name: string): readonly string[] {
  const parts = name.match(/[.:][^.:]*/g) ?? []
  return parts.reverse()
}
