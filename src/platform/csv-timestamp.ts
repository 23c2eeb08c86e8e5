/** Unix times above this are milliseconds: as seconds it would be the year 5138. */
const SECONDS_END = 1e11

/** Date, or date and time with an optional zone; the separator may be a blank, as databases write it. */
const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i

/**
 * Reads a time. A time without a zone is UTC: the reading must not depend on where it is read.
 *
 * @param text ISO 8601, or Unix time in seconds or milliseconds (above 1e11)
 * @returns ms since the epoch; NaN for anything else
 */
export function parseTimestamp(text: string): number {
  const trimmed = text.trim()
  if (/^\d+(\.\d+)?(e\+?\d+)?$/i.test(trimmed)) {
    const number = Number(trimmed)
    return number >= SECONDS_END ? number : Math.round(number * 1e6) / 1e3
  }
  const parts = ISO.exec(trimmed)
  if (parts === null) return Number.NaN
  const [, date, time = '00:00', zone = 'Z'] = parts
  const colon = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()
  return Date.parse(`${date}T${time}${colon}`)
}
