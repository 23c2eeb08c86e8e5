/** A record of a CSV file: its fields, and the line of the file on which it starts. */
export interface CsvRecord {
  readonly line: number
  readonly fields: readonly string[]
}

/** What is wrong with a CSV file, and where. */
export class CsvError extends Error {
  override readonly name = 'CsvError'
  readonly file: string
  readonly line: number

  constructor(file: string, line: number, message: string, options?: ErrorOptions) {
    super(`${file}:${line}: ${message}`, options)
    this.file = file
    this.line = line
  }
}

/** A record longer than this is a quote that was never closed, not data. */
const LONGEST_RECORD = 16 * 1024 * 1024

/**
 * Splits text, piece by piece, into records. Commas part fields; a field in double quotes may hold commas, line ends and
 * doubled quotes; LF and CRLF end a record; a byte order mark and empty lines are skipped.
 * Source: RFC 4180, section 2.
 *
 * @throws {CsvError} for text after a closing quote, a quote inside a bare field, or a quote that is never closed
 */
export async function* csvRecords(file: string, pieces: AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  let rest = ''
  let line = 1
  let start = true
  for await (const piece of pieces) {
    rest += start ? piece.replace(/^\uFEFF/, '') : piece
    start = start && piece === ''
    let from = 0
    for (let end = recordEnd(rest, from); end >= 0; end = recordEnd(rest, from)) {
      const text = rest.slice(from, rest[end - 1] === '\r' && end > from ? end - 1 : end)
      if (text !== '') yield { line, fields: splitRecord(file, line, text) }
      line += linesIn(text) + 1
      from = end + 1
    }
    rest = rest.slice(from)
    if (rest.length > LONGEST_RECORD) throw new CsvError(file, line, 'a quote is opened here and never closed')
  }
  const text = rest.endsWith('\r') ? rest.slice(0, -1) : rest
  if (text !== '') yield { line, fields: splitRecord(file, line, text) }
}

/** Place of the line feed that ends the record, −1 when it is not in the text yet. */
function recordEnd(text: string, from: number): number {
  let end = text.indexOf('\n', from)
  // Only this line is searched for a quote: a look through the whole piece for every record would take quadratic time.
  if (end < 0 || !text.slice(from, end).includes('"')) return end
  let quote = text.indexOf('"', from)
  while (end >= 0 && quote >= 0 && quote < end) {
    const closing = text.indexOf('"', quote + 1)
    if (closing < 0) return -1
    // A doubled quote reads as one field's end and the next one's start, which comes to the same here.
    if (closing > end) end = text.indexOf('\n', closing)
    quote = text.indexOf('"', closing + 1)
  }
  return end
}

function linesIn(text: string): number {
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

function splitRecord(file: string, line: number, text: string): string[] {
  if (!text.includes('"')) return text.split(',')
  const fields: string[] = []
  for (let at = 0; at <= text.length; ) {
    const { field, end } = text[at] === '"' ? quoted(file, line, text, at) : bare(file, line, text, at)
    fields.push(field)
    at = end + 1
  }
  return fields
}

function bare(file: string, line: number, text: string, at: number): { field: string; end: number } {
  const comma = text.indexOf(',', at)
  const end = comma < 0 ? text.length : comma
  const field = text.slice(at, end)
  if (field.includes('"')) throw new CsvError(file, line, `a quote inside the bare field ${JSON.stringify(field)}`)
  return { field, end }
}

function quoted(file: string, line: number, text: string, at: number): { field: string; end: number } {
  let closing = text.indexOf('"', at + 1)
  while (closing >= 0 && text[closing + 1] === '"') closing = text.indexOf('"', closing + 2)
  if (closing < 0) throw new CsvError(file, line, 'a quote is opened here and never closed')
  const end = closing + 1
  if (end < text.length && text[end] !== ',') {
    throw new CsvError(file, line, `text after a closing quote: ${JSON.stringify(text.slice(end, end + 20))}`)
  }
  return { field: text.slice(at + 1, closing).replaceAll('""', '"'), end }
}
