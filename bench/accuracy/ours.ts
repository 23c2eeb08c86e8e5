import { createColumnEvaluation } from '../../src/app/column-evaluation.ts'
import { loadKernel } from '../../src/app/kernel.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/resolve.ts'
import type { Columns } from './dataset.ts'

/** What the shipped detector says of one test row. */
export interface EvaluatedRow {
  /** The autoencoder alone. */
  readonly anomalyScore: number
  /** All detectors, before any threshold. */
  readonly combinedScore: number
  /** `combinedScore` in units of the threshold in force. */
  readonly level: number
  readonly severity: number
  readonly detected: boolean
  /** Column indices, strongest first. */
  readonly topFeatures: readonly number[]
}

export interface EvaluateOptions {
  readonly seed: number
}

/** Fits on `train`, then streams `test` row by row, in order and with no look ahead. */
export type EvaluateHost = (train: Columns, test: Columns, options: EvaluateOptions) => Iterable<EvaluatedRow>

/** The data carry no clock. */
const FIRST_ROW_AT = Date.UTC(2026, 0, 1)

/** What `homeostat evaluate` does, with the built-in defaults. */
export const evaluateHost: EvaluateHost = function* (train, test, { seed }) {
  const config = builtIn()
  const own = { ...config, train: { ...config.train, seed } }
  const columns = createColumnEvaluation(own, train.names, loadKernel())
  let at = FIRST_ROW_AT
  for (const row of rowsOf(train)) {
    columns.learn(at, row)
    at += train.intervalMs
  }
  const fitted = columns.fit(train.intervalMs)
  const indices = new Map(train.names.map((name, index) => [name, index]))
  for (const row of rowsOf(test)) {
    const verdict = fitted.judge(at, row)
    at += train.intervalMs
    yield {
      anomalyScore: verdict.score,
      combinedScore: verdict.combined,
      level: verdict.level,
      severity: verdict.severity,
      detected: verdict.detected,
      topFeatures: verdict.contributions.map(({ feature }) => indices.get(feature)!),
    }
  }
}

function builtIn(): Config {
  const loaded = loadConfig({ flags: {}, env: {}, readFile: () => '' })
  if (!loaded.ok) throw new Error('the built-in defaults are refused')
  return loaded.config
}

function* rowsOf({ names, values }: Columns): Generator<Float64Array> {
  for (let from = 0; from < values.length; from += names.length) {
    yield Float64Array.from(values.subarray(from, from + names.length))
  }
}
