import { appendFile, mkdir } from 'node:fs/promises'
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
}

export function createContestLog(path: string): ContestLog {
  return {
    async append(record) {
      await mkdir(dirname(path), { recursive: true })
      await appendFile(path, `${JSON.stringify(record)}\n`)
    },
  }
}
