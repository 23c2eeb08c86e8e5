import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../domain/random.ts'
import { forestScore, forestScores, growForest } from './forest.ts'
import { averagePathLength } from './path-length.ts'

const OPTIONS = { trees: 100, sampleSize: 256 }

function gaussianRows(count: number, width: number, seed: number): Float32Array {
  const random = createRandom(seed)
  return Float32Array.from({ length: count * width }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()))
    return radius * Math.cos(2 * Math.PI * random())
  })
}

describe('averagePathLength', () => {
  it('is 0 for one sample and 1 for two', () => {
    expect([averagePathLength(1), averagePathLength(2)]).toEqual([0, 1])
  })

  it('is 10.244 for the usual 256 samples', () => {
    expect(averagePathLength(256)).toBeCloseTo(2 * (Math.log(255) + 0.5772156649) - (2 * 255) / 256, 8)
  })

  it('grows with the sub-sample size', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }), (n) => averagePathLength(n + 1) > averagePathLength(n)))
  })

  it.each([0, -1, 1.5, Number.NaN])('refuses %s', (n) => {
    expect(() => averagePathLength(n)).toThrow(RangeError)
  })
})

describe('an isolation forest', () => {
  it('scores Gaussian rows 0.434 in the mean, as scikit-learn 1.2 does', () => {
    const rows = gaussianRows(2000, 40, 1)
    const forest = growForest(rows, 40, OPTIONS, createRandom(2))

    let sum = 0
    for (let row = 0; row < 2000; row++) sum += forestScore(forest, rows, row * 40)

    expect(sum / 2000).toBeGreaterThan(0.424)
    expect(sum / 2000).toBeLessThan(0.444)
  })

  it('scores an outlier above every ordinary row', () => {
    const rows = gaussianRows(1000, 3, 3)
    const forest = growForest(rows, 3, OPTIONS, createRandom(4))

    const outlier = forestScore(forest, Float32Array.of(9, 9, 9), 0)

    for (let row = 0; row < 1000; row++) expect(forestScore(forest, rows, row * 3)).toBeLessThan(outlier)
  })

  it('stays within 0 and 1 whatever the rows', () => {
    const row = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 40 }), row, (training, probe) => {
        const forest = growForest(Float32Array.from(training.flat()), 3, { trees: 5, sampleSize: 16 }, createRandom(1))
        const score = forestScore(forest, Float32Array.from(probe), 0)
        expect(score).toBeGreaterThan(0)
        expect(score).toBeLessThanOrEqual(1)
      }),
    )
  })

  it.each([1, 3, 4, 7, 64])('scores %i rows together exactly as one by one', (count) => {
    const rows = gaussianRows(300, 5, 7)
    const forest = growForest(rows, 5, OPTIONS, createRandom(11))
    const scores = new Float64Array(count)

    forestScores(forest, rows, scores)

    expect([...scores]).toEqual(Array.from(scores, (_, row) => forestScore(forest, rows, row * 5)))
  })

  it('gives the same scores for the same seed', () => {
    const rows = gaussianRows(300, 5, 7)
    const grow = () => growForest(rows, 5, OPTIONS, createRandom(11))

    expect(grow()).toEqual(grow())
  })

  it('is not disturbed by constant features', () => {
    const rows = new Float32Array(400)
    for (let i = 0; i < 200; i++) rows[2 * i] = i / 200
    const forest = growForest(rows, 2, OPTIONS, createRandom(5))

    expect(forest.feature.some((feature) => feature === 1)).toBe(false)
  })

  it('calls rows that are all alike ordinary', () => {
    const forest = growForest(new Float32Array(60).fill(3), 2, OPTIONS, createRandom(5))

    expect(forestScore(forest, Float32Array.of(3, 3), 0)).toBeCloseTo(0.5, 6)
  })

  it('refuses to grow from a single row', () => {
    expect(() => growForest(Float32Array.of(1, 2), 2, OPTIONS, createRandom(1))).toThrow('2 or more')
  })
})
