import { ObserveError } from './error.ts'

/**
 * Receives one sample.
 *
 * @param series the series as the page writes it, `name{label="value"}`; one series is always written the same way
 * @param timeMs the sample's own time, ms since the epoch; NaN where the page gives none, which is the rule
 */
export type SampleSink = (series: string, metric: string, value: number, timeMs: number) => void

const QUOTE = 34
const HASH = 35
const BACKSLASH = 92
const OPEN = 123
const CLOSE = 125

/**
 * Reads a page of the Prometheus text format (also OpenMetrics, as far as the two agree) and hands on the samples of
 * the metrics in `wanted`; other lines are only checked for a metric name at their start.
 *
 * @throws {ObserveError} `bad_response`, with the line's number, when the page is not in this format
 */
export function parseExposition(text: string, wanted: ReadonlySet<string>, sink: SampleSink): void {
  if (/^\s*</.test(text)) {
    throw new ObserveError('bad_response', 'the answer is HTML, not metrics: check the path, usually /metrics')
  }
  // OpenMetrics counts time in seconds where the older format counts milliseconds.
  const timeUnitMs = text.endsWith('# EOF\n') || text.endsWith('# EOF') ? 1000 : 1
  let lineNumber = 0
  for (let start = 0; start < text.length; ) {
    lineNumber++
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline
    try {
      parseLine(text, start, end, wanted, timeUnitMs, sink)
    } catch (cause) {
      const excerpt = JSON.stringify(text.slice(start, Math.min(end, start + 80)))
      const why = cause instanceof SyntaxError ? cause.message : 'cannot be read'
      throw new ObserveError('bad_response', `line ${lineNumber} is not in the metrics format (${why}): ${excerpt}`)
    }
    start = end + 1
  }
}

/**
 * The labels of a series as written on a page, escapes resolved.
 *
 * @throws {SyntaxError} when they are not in the metrics format
 */
export function parseLabels(series: string): Record<string, string> {
  const labels: Record<string, string> = Object.create(null)
  const open = series.indexOf('{')
  if (open < 0) return labels
  const pair = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\.)*)"\s*(,|\}$)/y
  pair.lastIndex = open + 1
  while (!/^\s*\}$/.test(series.slice(pair.lastIndex))) {
    const match = pair.exec(series)
    if (!match) throw new SyntaxError('broken labels')
    labels[match[1]] = unescapeLabel(match[2])
    if (match[3] !== ',') break
  }
  return labels
}

/** Writes a series as a page does; the inverse of `parseLabels`. */
export function seriesKey(metric: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? metric : `${metric}{${pairs.join(',')}}`
}

function parseLine(
  text: string,
  start: number,
  end: number,
  wanted: ReadonlySet<string>,
  timeUnitMs: number,
  sink: SampleSink,
): void {
  const from = skipBlanks(text, start, end)
  if (from === end || text.charCodeAt(from) === HASH) return
  // A name outside the classic alphabet is quoted inside the braces; no catalogue asks for one.
  if (text.charCodeAt(from) === OPEN) return
  const nameEnd = endOfName(text, from, end)
  const metric = text.slice(from, nameEnd)
  if (!wanted.has(metric)) return

  const labelsAt = skipBlanks(text, nameEnd, end)
  const hasLabels = text.charCodeAt(labelsAt) === OPEN
  const seriesEnd = hasLabels ? endOfLabels(text, labelsAt, end) : nameEnd
  const [value, time] = text.slice(seriesEnd, end).trim().split(/\s+/, 2)
  sink(text.slice(from, seriesEnd), metric, parseValue(value), parseTime(time) * timeUnitMs)
}

function endOfName(text: string, from: number, end: number): number {
  let at = from
  while (at < end && isNameChar(text.charCodeAt(at), at > from)) at++
  if (at === from) throw new SyntaxError('no metric name')
  const next = text.charCodeAt(at)
  if (at === end || !(isBlank(next) || next === OPEN)) throw new SyntaxError('a metric name, then labels or a value')
  return at
}

function endOfLabels(text: string, open: number, end: number): number {
  let quoted = false
  for (let at = open + 1; at < end; at++) {
    const char = text.charCodeAt(at)
    if (quoted && char === BACKSLASH) at++
    else if (char === QUOTE) quoted = !quoted
    else if (char === CLOSE && !quoted) return at + 1
  }
  throw new SyntaxError('labels without an end')
}

function parseValue(token: string | undefined): number {
  if (!token) throw new SyntaxError('no value')
  const value = Number(token)
  if (!Number.isNaN(value)) return value
  const word = token.toLowerCase()
  if (word === 'nan') return Number.NaN
  if (word === '+inf' || word === 'inf') return Number.POSITIVE_INFINITY
  if (word === '-inf') return Number.NEGATIVE_INFINITY
  throw new SyntaxError('the value is not a number')
}

function parseTime(token: string | undefined): number {
  if (!token || token.charCodeAt(0) === HASH) return Number.NaN
  const time = Number(token)
  if (Number.isNaN(time)) throw new SyntaxError('the timestamp is not a number')
  return time
}

function isNameChar(char: number, digits: boolean): boolean {
  return (
    (char >= 97 && char <= 122) ||
    (char >= 65 && char <= 90) ||
    char === 95 ||
    char === 58 ||
    (digits && char >= 48 && char <= 57)
  )
}

function isBlank(char: number): boolean {
  return char === 32 || char === 9 || char === 13
}

function skipBlanks(text: string, from: number, end: number): number {
  let at = from
  while (at < end && isBlank(text.charCodeAt(at))) at++
  return at
}

function unescapeLabel(value: string): string {
  if (!value.includes('\\')) return value
  return value.replace(/\\(.)/g, (whole, char) => (char === 'n' ? '\n' : char === '\\' || char === '"' ? char : whole))
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
