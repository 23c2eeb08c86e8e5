import { forestScore, growForest } from '../../../src/detect/isolation-forest/forest.ts'
import { createRandom } from '../../../src/domain/random.ts'
import type { Baseline } from './baseline.ts'

const WINDOW = 30
const Z_LIMIT = 2.5
const Z_FROM = 5
const FOREST_FROM = 20
const CONTAMINATION = 0.08
/** The original grows 100; a quarter of them, grown anew at each of 23,000 rows, keeps the run to seconds a host. */
const TREES = 25

/**
 * KIRA's rule: the z-score of the newest reading among the 30 before it (flag beyond 2.5 σ), and an isolation forest
 * grown on the last 30 (flag among the 8 % strangest of them); alarm when either flags, score the larger of both, with
 * z = 2.5 as one half.
 */
export const kira: Baseline = {
  name: "KIRA's rule",
  score(_train, test, seed) {
    const width = test.names.length
    const rows = test.values.length / width
    const random = createRandom(seed)
    const scores = new Float64Array(rows)
    const alarms = new Uint8Array(rows)
    for (let row = 0; row < rows; row++) {
      const z = row >= Z_FROM ? largestZ(test.values, width, row) : 0
      const forest =
        row + 1 >= FOREST_FROM ? freshForest(test.values, width, row, random) : { score: 0, flagged: false }
      scores[row] = Math.max(z / (2 * Z_LIMIT), forest.score)
      alarms[row] = z > Z_LIMIT || forest.flagged ? 1 : 0
    }
    return { test: scores, alarms }
  },
}

function largestZ(values: Float32Array, width: number, row: number): number {
  const first = Math.max(0, row - WINDOW)
  const count = row - first
  let largest = 0
  for (let column = 0; column < width; column++) {
    let sum = 0
    for (let r = first; r < row; r++) sum += values[r * width + column]
    const mean = sum / count
    let squares = 0
    for (let r = first; r < row; r++) squares += (values[r * width + column] - mean) ** 2
    const std = Math.sqrt(squares / count)
    if (std > 1e-6) largest = Math.max(largest, Math.abs(values[row * width + column] - mean) / std)
  }
  return Math.min(largest, 2 * Z_LIMIT)
}

function freshForest(values: Float32Array, width: number, row: number, random: () => number) {
  const first = Math.max(0, row + 1 - WINDOW)
  const window = values.subarray(first * width, (row + 1) * width)
  const forest = growForest(window, width, { trees: TREES, sampleSize: WINDOW }, random)
  const count = window.length / width
  const score = forestScore(forest, window, (count - 1) * width)
  let stranger = 0
  for (let r = 0; r < count - 1; r++) if (forestScore(forest, window, r * width) > score) stranger++
  return { score, flagged: stranger < Math.floor(CONTAMINATION * count) }
}
