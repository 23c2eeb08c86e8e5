import { appendFile, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What became of a challenger, with both figures. Keys as in the file. */
export interface ContestRecord {
  /** ISO 8601, UTC. */
  readonly at: string
  readonly unit: string
  /** The model in force until then, `<unit>/<version>`. */
  readonly champion: string
  /** Mean squared errors on the same rows; null where there was no contest, and `reason` says why. */
  readonly champion_loss: number | null
  readonly challenger_loss: number | null
  /** Rows that neither model was trained on, which judged both. */
  readonly rows: number
  readonly taken_over: boolean
  /** The daemon's schedule, or the command that was given. */
  readonly by: 'schedule' | 'train' | 'import' | 'rollback'
  /** What decided, or why there are no figures; null where the figures decided. */
  readonly reason: string | null
}

/** Every contest between a model in use and a new one, and every switch without one, a line of JSON each. */
export interface ContestLog {
  append(record: ContestRecord): Promise<void>
  /** Those of one unit, newest first; older ones than the last megabytes of the file are left out. */
  newest(unit: string, limit: number): Promise<ContestRecord[]>
}

/** Of a fleet with a model a host and a training a day this is a month and more. */
const READ_BYTES = 16 * 1024 * 1024

export function createContestLog(path: string): ContestLog {
  return {
    async append(record) {
      await mkdir(dirname(path), { recursive: true })
      await appendFile(path, `${JSON.stringify(record)}\n`)
    },
    async newest(unit, limit) {
      const mark = JSON.stringify(unit)
      const lines = (await readEnd(path)).split('\n').filter((line) => line.includes(mark))
      const records = lines.reverse().flatMap((line) => parse(line) ?? [])
      return records.filter((one) => one.unit === unit).slice(0, limit)
    },
  }
}

/** The end of a file; nothing where there is none. */
async function readEnd(path: string): Promise<string> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (file === undefined) return ''
  try {
    const { size } = await file.stat()
    const bytes = Buffer.alloc(Math.min(size, READ_BYTES))
    await file.read(bytes, 0, bytes.length, size - bytes.length)
    return bytes.toString()
  } finally {
    await file.close()
  }
}

/** Undefined for a line that was cut off. */
function parse(line: string): ContestRecord | undefined {
  try {
    return JSON.parse(line) as ContestRecord
  } catch {
    return undefined
  }
}
