import { forestScore, growForest } from '../../../src/detect/isolation-forest/forest.ts'
import { createRandom } from '../../../src/domain/random.ts'
import { type Baseline, scale } from './baseline.ts'

/** One isolation forest of 100 trees on 256 training rows each, never grown again. Liu, Ting & Zhou, ICDM 2008. */
export const staticForest: Baseline = {
  name: 'isolation forest',
  score(train, test, seed) {
    const scaled = scale(train, test)
    const forest = growForest(scaled.train, scaled.width, { trees: 100, sampleSize: 256 }, createRandom(seed))
    const scores = (rows: Float32Array) =>
      Float64Array.from({ length: rows.length / scaled.width }, (_, row) =>
        forestScore(forest, rows, row * scaled.width),
      )
    return { test: scores(scaled.test), train: scores(scaled.train) }
  },
}
