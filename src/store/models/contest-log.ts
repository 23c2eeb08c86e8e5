import { appendFile, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What became of a challenger, with both figures. Keys as in the file. */
export interface ContestRecord {
  /** ISO 8601, UTC. */
  readonly at: string
  readonly unit: string
  readonly champion: string
  /** null where the new model took over without a contest, because it has twice the history. */
  readonly champion_loss: number | null
  readonly challenger_loss: number | null
  /** Rows that neither model was trained on, which judged both. */
  readonly rows: number
  readonly taken_over: boolean
}

/** Every contest between a model in use and a new one, a line of JSON each. */
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
