import { createReadStream } from 'node:fs'
import { CsvError, type CsvRecord, csvRecords } from './csv-records.ts'
import { parseTimestamp } from './csv-timestamp.ts'

/** One row: its numbers, and its time where the file has a `timestamp` column. */
export interface CsvRow {
  /** ms since the epoch; NaN without a `timestamp` column. */
  readonly at: number
  /** One number a column, in the order of the header without `timestamp`; NaN where the cell held none. */
  readonly values: Float64Array
}

/** A table being read. */
export interface CsvTable {
  /** Names of the numeric columns, in the order of the header. */
  readonly columns: readonly string[]
  readonly hasTimestamp: boolean
  /** By column: cells so far that held no number, the empty ones and the others apart. Nothing is repaired silently. */
  readonly empty: Float64Array
  readonly notNumbers: Float64Array
  /** The rows, once, in the order of the file. */
  readonly rows: AsyncIterable<CsvRow>
}

const TIMESTAMP = 'timestamp'

/**
 * Opens a CSV file with a header and numeric columns, and streams it: the text is never held as a whole. An optional
 * column `timestamp` holds ISO 8601 times, or Unix seconds or milliseconds. Empty cells, `NaN`, and whatever else is not
 * a finite number become NaN and are counted.
 *
 * @throws {CsvError} without a header or columns, for an empty or doubled name, a row with another number of cells, a
 *   timestamp that is none, broken quotes, or bytes that are not UTF-8, naming file and line; the file system's own error
 *   when the file cannot be read
 */
export async function openCsv(file: string): Promise<CsvTable> {
  return readCsv(file, decode(file, createReadStream(file, { highWaterMark: 256 * 1024 })))
}

/** The same over text that comes from elsewhere; `file` is only its name in errors. */
export async function readCsv(file: string, pieces: AsyncIterable<string>): Promise<CsvTable> {
  const records = csvRecords(file, pieces)
  const first = await records.next()
  if (first.done) throw new CsvError(file, 1, 'the file is empty, a header is needed')
  const header = checkedHeader(file, first.value)
  const timestampAt = header.indexOf(TIMESTAMP)
  const columns = header.filter((_, i) => i !== timestampAt)
  if (columns.length === 0)
    throw new CsvError(file, first.value.line, 'the header names no column beside the timestamp')
  const empty = new Float64Array(columns.length)
  const notNumbers = new Float64Array(columns.length)
  const parse = rowParser(file, header.length, timestampAt, empty, notNumbers)
  return { columns, hasTimestamp: timestampAt >= 0, empty, notNumbers, rows: mapRecords(records, parse) }
}

async function* decode(file: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let line = 1
  try {
    for await (const chunk of chunks) {
      yield decoder.decode(chunk, { stream: true })
      for (const byte of chunk) if (byte === 10) line++
    }
    yield decoder.decode()
  } catch (cause) {
    if (cause instanceof TypeError) throw new CsvError(file, line, 'not UTF-8 here or soon after', { cause })
    throw cause
  }
}

async function* mapRecords(
  records: AsyncIterable<CsvRecord>,
  parse: (record: CsvRecord) => CsvRow,
): AsyncGenerator<CsvRow> {
  for await (const record of records) yield parse(record)
}

function checkedHeader(file: string, { line, fields }: CsvRecord): string[] {
  const names = fields.map((field) => field.trim())
  const unnamed = names.indexOf('')
  if (unnamed >= 0) throw new CsvError(file, line, `column ${unnamed + 1} has no name`)
  const doubled = names.find((name, i) => names.indexOf(name) < i)
  if (doubled !== undefined) throw new CsvError(file, line, `two columns are named ${JSON.stringify(doubled)}`)
  return names
}

function rowParser(file: string, cells: number, timestampAt: number, empty: Float64Array, notNumbers: Float64Array) {
  return ({ line, fields }: CsvRecord): CsvRow => {
    if (fields.length !== cells) throw new CsvError(file, line, `${fields.length} cells where the header has ${cells}`)
    const values = new Float64Array(empty.length)
    let at = Number.NaN
    for (let cell = 0, column = 0; cell < cells; cell++) {
      if (cell === timestampAt) {
        at = parseTimestamp(fields[cell])
        if (Number.isNaN(at)) throw new CsvError(file, line, `${JSON.stringify(fields[cell])} is no timestamp`)
        continue
      }
      const text = fields[cell].trim()
      const value = text === '' ? Number.NaN : Number(text)
      values[column] = Number.isFinite(value) ? value : Number.NaN
      if (text === '') empty[column]++
      else if (!Number.isFinite(value)) notNumbers[column]++
      column++
    }
    return { at, values }
  }
}
