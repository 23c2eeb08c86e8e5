import { realpathSync } from 'node:fs'
import { type CsvTable, openCsv } from '../platform/csv.ts'
import { CsvError } from '../platform/csv-records.ts'
import { UsageError } from './exit.ts'

/** A CSV file being read, whose every failure is one line that names the file. */
export interface InputTable {
  readonly file: string
  readonly columns: readonly string[]
  readonly hasTimestamp: boolean
  /** Cells so far that held no number. */
  unreadable(): { readonly empty: number; readonly notNumbers: number; readonly worst: string | undefined }
  /** Rows in time order; `at` is NaN without timestamps. */
  rows(): AsyncGenerator<{ at: number; values: Float64Array }>
}

/**
 * @param columns wanted, in this order; left out: those of the file
 * @throws {UsageError} when the file cannot be read, or its columns are others
 */
export async function openInput(file: string, columns?: readonly string[]): Promise<InputTable> {
  const table = await openCsv(file).catch((error: unknown) => explainFile(file, error))
  const order = columns === undefined ? undefined : orderOf(table, file, columns)
  return {
    file,
    columns: columns ?? table.columns,
    hasTimestamp: table.hasTimestamp,
    unreadable: () => unreadableCells(table),
    async *rows() {
      let before = Number.NEGATIVE_INFINITY
      let row = 0
      try {
        for await (const { at, values } of table.rows) {
          row++
          if (at < before) {
            const [earlier, later] = [at, before].map((time) => new Date(time).toISOString())
            throw new UsageError(
              `${file}: time goes backwards in row ${row}, from ${later} to ${earlier}: sort the rows`,
            )
          }
          before = at
          yield { at, values: order === undefined ? values : Float64Array.from(order, (column) => values[column]) }
        }
      } catch (error) {
        explainFile(file, error)
      }
    },
  }
}

/** Whether two paths lead to the same existing file. */
export function isSameFile(a: string, b: string): boolean {
  const real = (path: string) => {
    try {
      return realpathSync(path)
    } catch {
      return path
    }
  }
  return real(a) === real(b)
}

/** @throws {UsageError} for what the person who named the file can put right; anything else as it is */
export function explainFile(file: string, error: unknown): never {
  if (error instanceof CsvError) throw new UsageError(error.message, { cause: error })
  const reason = REASONS[(error as NodeJS.ErrnoException).code ?? '']
  if (reason !== undefined) throw new UsageError(`${file}: ${reason}`, { cause: error })
  throw error
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of the path is a file, not a directory',
  EISDIR: 'is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
}

function orderOf(table: CsvTable, file: string, columns: readonly string[]): number[] | undefined {
  const missing = columns.filter((name) => !table.columns.includes(name))
  const unknown = table.columns.filter((name) => !columns.includes(name))
  if (missing.length + unknown.length > 0) {
    const parts = [
      missing.length > 0 && `${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} missing`,
      unknown.length > 0 && `${listed(unknown)} ${unknown.length === 1 ? 'was' : 'were'} not trained on`,
    ].filter((part) => part !== false)
    throw new UsageError(`${file}: the columns are not those of the training file: ${parts.join('; ')}`)
  }
  const order = columns.map((name) => table.columns.indexOf(name))
  return order.every((column, i) => column === i) ? undefined : order
}

/** The first few names; a file of two hundred columns must not fill the screen. */
function listed(names: readonly string[]): string {
  const few = names.slice(0, 5).map((name) => JSON.stringify(name))
  return names.length > few.length ? `${few.join(', ')} and ${names.length - few.length} more` : few.join(', ')
}

function unreadableCells({ columns, empty, notNumbers }: CsvTable) {
  const total = (counts: Float64Array) => counts.reduce((sum, count) => sum + count, 0)
  const worst = notNumbers.reduce((most, count, i) => (count > notNumbers[most] ? i : most), 0)
  return {
    empty: total(empty),
    notNumbers: total(notNumbers),
    worst: notNumbers[worst] > 0 ? columns[worst] : undefined,
  }
}
