import { describe, expect, it } from 'vitest'
import { createRandom } from '../../domain/random.ts'
import { ReadingWindows } from '../zscore/windows.ts'
import { createGroupForest, type GroupForest } from './group-forest.ts'

const OPTIONS = {
  trees: 50,
  sampleSize: 256,
  contamination: 0.08,
  minReadings: 20,
  refitIntervalMs: 3_600_000,
  seed: 1,
}

function filled(slots: number, readings: number) {
  const random = createRandom(3)
  const windows = new ReadingWindows(30, 3)
  windows.grow(slots)
  for (let slot = 0; slot < slots; slot++) {
    for (let i = 0; i < readings; i++) windows.push(slot, [random(), 1000 * (slot + 1) * random(), random()], 0)
  }
  return windows
}

function scoreOf(forest: GroupForest, reading: Float32Array): number {
  const scores = new Float64Array(1)
  forest.score(reading, scores)
  return scores[0]
}

describe('the isolation forest of a group', () => {
  it('waits for the twentieth reading', () => {
    const forest = createGroupForest('node', OPTIONS)

    forest.refitWhenDue(0, [0], filled(1, 19))

    expect(scoreOf(forest, Float32Array.of(0, 0, 0))).toBeNaN()
  })

  it('scores a reading far from its window above the flag, and one in the middle below', () => {
    const forest = createGroupForest('node', OPTIONS)

    forest.refitWhenDue(0, [0, 1, 2], filled(3, 30))

    expect(scoreOf(forest, Float32Array.of(9, 9, 9))).toBeGreaterThan(forest.flagAbove)
    expect(scoreOf(forest, Float32Array.of(0, 0, 0))).toBeLessThan(forest.flagAbove)
  })

  it('is kept until its schedule says otherwise', () => {
    const forest = createGroupForest('node', OPTIONS)
    forest.refitWhenDue(0, [0], filled(1, 30))
    const before = forest.flagAbove
    const shifted = filled(1, 30)
    for (let i = 0; i < 15; i++) shifted.push(0, [50, 50, i], 0)

    forest.refitWhenDue(1_800_000, [0], shifted)

    expect(forest.flagAbove).toBe(before)
    forest.refitWhenDue(3_600_000, [0], shifted)
    expect(forest.flagAbove).not.toBe(before)
  })
})
