import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelTrial } from '../domain/model-file.ts'

/** How far a search for the sizes of one unit's network has come. */
export interface TuningState {
  readonly unit: string
  /** What the losses depend on; a search with another mark begins anew. */
  readonly mark: string
  /** End of the history that is searched on, ms since the epoch: every run must see the same rows. */
  readonly at: number
  /** All that will be tried, with the losses so far. */
  readonly trials: readonly ModelTrial[]
}

/** Searches that are not done, a file a unit, so that a search that was broken off goes on where it stopped. */
export interface TuningStore {
  /** `undefined` without a readable one with this mark. */
  load(unit: string, mark: string): Promise<TuningState | undefined>
  save(state: TuningState): Promise<void>
  /** The end of the history of the searches begun since then, ms since the epoch. */
  begunAt(since: number): Promise<number | undefined>
  /** Forgets all searches. */
  clear(): Promise<void>
}

export function createTuningStore(dir: string): TuningStore {
  async function read(path: string): Promise<TuningState | undefined> {
    try {
      return JSON.parse(await readFile(path, 'utf8')) as TuningState
    } catch {
      // Missing or damaged: the search begins anew.
      return undefined
    }
  }
  const pathOf = (unit: string) => join(dir, `${fileName(unit)}.json`)
  return {
    async load(unit, mark) {
      const state = await read(pathOf(unit))
      return state?.unit === unit && state.mark === mark ? state : undefined
    },
    async save(state) {
      await mkdir(dir, { recursive: true })
      const path = pathOf(state.unit)
      await writeFile(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`)
      await rename(`${path}.new`, path)
    },
    async begunAt(since) {
      const names = await readdir(dir).catch(() => [])
      const states = await Promise.all(
        names.filter((name) => name.endsWith('.json')).map((name) => read(join(dir, name))),
      )
      const times = states.flatMap((state) => (state !== undefined && state.at >= since ? [state.at] : []))
      return times.length === 0 ? undefined : Math.min(...times)
    },
    clear: () => rm(dir, { recursive: true, force: true }),
  }
}

function fileName(unit: string): string {
  const encoded = encodeURIComponent(unit)
  return encoded.length <= 200 ? encoded : createHash('sha256').update(unit).digest('hex')
}
