import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

export type CsvCell = string | number

export interface CsvWriter {
  /** Writes one row; resolves when the file can take more, so that a slow disk slows the caller instead of filling memory. */
  write(cells: readonly CsvCell[]): Promise<void>
  /** Resolves when everything is on its way to the disk and the file is closed. */
  close(): Promise<void>
}

/** Rows gathered into one write. */
const BATCH_CHARACTERS = 64 * 1024

/**
 * Opens a CSV file for writing and writes its header. NaN and infinite numbers become empty cells; text is quoted where
 * it must be; lines end with LF.
 *
 * @throws the file system's error, from here, `write` or `close`
 */
export async function createCsv(file: string, header: readonly string[]): Promise<CsvWriter> {
  const stream = createWriteStream(file, { encoding: 'utf8' })
  // Without a listener an error between two writes would end the process; it is thrown by the next call instead.
  let failure: Error | undefined
  stream.on('error', (error) => {
    failure = error
  })
  await once(stream, 'open')
  let pending = csvLine(header)
  const flush = async () => {
    const text = pending
    pending = ''
    if (failure === undefined && !stream.write(text)) await drained(stream)
    if (failure !== undefined) throw failure
  }
  return {
    async write(cells) {
      if (cells.length !== header.length) throw new RangeError(`${cells.length} cells for ${header.length} columns`)
      pending += csvLine(cells)
      if (pending.length >= BATCH_CHARACTERS) await flush()
    },
    async close() {
      await flush()
      stream.end()
      await finished(stream)
    },
  }
}

/** Resolves when the stream takes more, or never will. */
async function drained(stream: WriteStream): Promise<void> {
  const settled = new AbortController()
  const options = { signal: settled.signal }
  const ignore = () => {}
  try {
    await Promise.race([once(stream, 'drain', options).catch(ignore), once(stream, 'close', options).catch(ignore)])
  } finally {
    // Takes the listener of the one that did not come away again.
    settled.abort()
  }
}

/** One row as text, its line end included. */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(',')}\n`
}

function csvCell(cell: CsvCell): string {
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : ''
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
