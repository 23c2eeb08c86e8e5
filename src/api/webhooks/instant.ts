const RFC_3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/

/**
 * Reads a time in RFC 3339, to the millisecond. A leap second counts as the end of the second before it.
 *
 * @returns ms since the epoch; undefined for what is no time
 */
export function readInstant(text: string): number | undefined {
  const match = RFC_3339.exec(text)
  if (match === null) return undefined
  const [, day, minute, second, fraction = '', zone] = match
  const time = second === '60' ? '59.999' : `${second}${fraction.slice(0, 4)}`
  const at = Date.parse(`${day}T${minute}:${time}${zone.toUpperCase()}`)
  return Number.isNaN(at) ? undefined : at
}
