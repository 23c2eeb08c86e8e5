import type { Columns } from '../dataset.ts'

/** What a baseline says of a host. */
export interface BaselineScores {
  /** By test row; higher is more anomalous. */
  readonly test: Float64Array
  /** By training row, where the method has scores there: the false-alarm budget starts from them. */
  readonly train?: Float64Array
  /** By test row, 1 where the method's own rule alarms; without it the false-alarm budget sets the threshold. */
  readonly alarms?: Uint8Array
  /** Row-major, test rows × columns: each column's part in the score, in any unit. */
  readonly parts?: Float32Array
}

/** A method to compare with. It sees no labels, and of the test rows only those up to the one it scores. */
export interface Baseline {
  readonly name: string
  readonly score: (train: Columns, test: Columns, seed: number) => BaselineScores
}

/**
 * Columns scaled to [0, 1] on the training rows; values beyond their range are kept. A column
 * that does not vary there becomes its distance from its one value.
 */
export interface Scaled {
  readonly width: number
  readonly train: Float32Array
  readonly test: Float32Array
}

export function scale(train: Columns, test: Columns): Scaled {
  const width = train.names.length
  const low = new Float64Array(width).fill(Number.POSITIVE_INFINITY)
  const high = new Float64Array(width).fill(Number.NEGATIVE_INFINITY)
  for (const [i, value] of train.values.entries()) {
    low[i % width] = Math.min(low[i % width], value)
    high[i % width] = Math.max(high[i % width], value)
  }
  const apply = (values: Float32Array) =>
    values.map((value, i) => {
      const column = i % width
      return (value - low[column]) / (high[column] - low[column] || 1)
    })
  return { width, train: apply(train.values), test: apply(test.values) }
}
