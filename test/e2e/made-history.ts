import { join } from 'node:path'
import { createRandom } from '../../src/domain/random.ts'
import { createHistory } from '../../src/store/history/history.ts'

/** Features of the local source that the made-up history holds; a configuration includes just these. */
export const FEATURES = ['cpu_user', 'cpu_system', 'load1_per_core', 'memory_active_ratio'] as const

export interface MadeHistory {
  readonly dataDir: string
  readonly targets: readonly string[]
  /** `node` unless given. */
  readonly job?: string
  /** Time of the last observation, ms since the epoch. */
  readonly until: number
  readonly rows: number
  readonly stepMs: number
}

/** Writes what a daemon would have written that watched quiet hosts for a while; every tenth reading lacks a feature. */
export async function makeHistory({ dataDir, targets, job = 'node', until, rows, stepMs }: MadeHistory): Promise<void> {
  const history = createHistory(FEATURES, { dir: join(dataDir, 'history'), retentionMs: 30 * 86_400_000 })
  const random = createRandom(7)
  const known = targets.map((instance) => ({ id: `${instance}@${job}`, labels: { instance, job } }))
  for (let row = 0; row < rows; row++) {
    const at = until - (rows - 1 - row) * stepMs
    const values = known.flatMap((_, host) => {
      const wave = Math.sin(row / 20 + host)
      return [
        30 + 10 * wave + random(),
        5 + wave + random(),
        row % 10 === 9 ? Number.NaN : 0.5 + random() / 10,
        0.4 + random() / 20,
      ]
    })
    const sampledAt = new Float64Array(known.length).fill(at)
    await history.record({
      at,
      features: FEATURES,
      targets: known,
      values: Float64Array.from(values),
      sampledAt,
      warnings: [],
    })
  }
}
