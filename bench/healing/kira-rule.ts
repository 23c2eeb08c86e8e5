import { forestScores, growForest } from '../../src/detect/isolation-forest/forest.ts'
import { quantileOf } from '../../src/detect/quantile.ts'
import { createRandom } from '../../src/domain/random.ts'

const WINDOW = 30
const SIGMAS = 2.5
const FROM_Z = 5
const FROM_FOREST = 20
const CONTAMINATION = 0.08
const FOREST = { trees: 100, sampleSize: 256 }

/** KIRA's own rule for one service: z-score beyond 2.5 σ of the last 30 readings, or an isolation forest grown at every reading. */
export function createKiraRule(width: number, seed: number) {
  const rows: number[][] = []
  const random = createRandom(seed)

  function zFlags(row: readonly number[]): boolean {
    if (rows.length < FROM_Z - 1) return false
    return row.some((value, f) => {
      const mean = rows.reduce((sum, before) => sum + before[f], 0) / rows.length
      const deviation = Math.sqrt(rows.reduce((sum, before) => sum + (before[f] - mean) ** 2, 0) / (rows.length - 1))
      return deviation > 0 && Math.abs(value - mean) / deviation > SIGMAS
    })
  }

  function forestFlags(): boolean {
    if (rows.length < FROM_FOREST) return false
    const data = Float32Array.from(rows.flat())
    const scores = new Float64Array(rows.length)
    forestScores(growForest(data, width, FOREST, random), data, scores)
    const newest = scores[rows.length - 1]
    return newest > quantileOf(scores.slice().sort(), 1 - CONTAMINATION)
  }

  /** @returns whether either detector flags the reading */
  return (row: readonly number[]): boolean => {
    const byZ = zFlags(row)
    rows.push([...row])
    if (rows.length > WINDOW) rows.shift()
    return forestFlags() || byZ
  }
}
