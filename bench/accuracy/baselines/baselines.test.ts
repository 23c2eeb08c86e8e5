import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../src/domain/random.ts'
import type { Columns } from '../dataset.ts'
import { autoencoder } from './autoencoder.ts'
import { eigenSymmetric } from './eigen.ts'
import { kira } from './kira.ts'
import { pca } from './pca.ts'
import { staticForest } from './static-forest.ts'

const RARE = 150

/** Three columns that follow one another, save at one row of the test part. */
function correlated(rows: number, seed: number, breakAt = -1): Columns {
  const random = createRandom(seed)
  const values = new Float32Array(rows * 3)
  for (let row = 0; row < rows; row++) {
    const load = 0.2 + 0.6 * random()
    values.set([load, 0.9 * load + 0.02 * random(), row === breakAt ? 3 : 1 - load], row * 3)
  }
  return { names: ['a', 'b', 'c'], intervalMs: 60_000, values }
}

describe('baselines', () => {
  it.each([kira, staticForest, pca, autoencoder])('$name finds the row that breaks the pattern', ({ score }) => {
    const scores = score(correlated(600, 1), correlated(300, 2, RARE), 1)

    // A forest sees a value beyond the training rows as no stranger than the strangest of them.
    const stranger = scores.test.filter((value) => value > scores.test[RARE]).length
    expect(scores.test).toHaveLength(300)
    expect(stranger).toBeLessThanOrEqual(scores.parts === undefined ? 30 : 0)
    expect(scores.alarms === undefined || scores.alarms[RARE] === 1).toBe(true)
    if (scores.parts !== undefined) expect(scores.parts[RARE * 3 + 2]).toBeGreaterThan(scores.parts[RARE * 3])
  })

  it('have eigenvectors that the matrix only stretches', () => {
    const matrix = [Float64Array.of(4, 1, 0.5), Float64Array.of(1, 3, 0.2), Float64Array.of(0.5, 0.2, 1)]

    const { values, vectors } = eigenSymmetric(matrix)

    for (const [k, vector] of vectors.entries()) {
      for (const [i, row] of matrix.entries()) {
        expect(row.reduce((sum, entry, j) => sum + entry * vector[j], 0)).toBeCloseTo(values[k] * vector[i], 10)
      }
    }
    expect(values[0] + values[1] + values[2]).toBeCloseTo(4 + 3 + 1, 10)
  })
})
