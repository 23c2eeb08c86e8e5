import { describe, expect, it } from 'vitest'
import { createPlainKernel } from '../detect/kernel/plain.ts'
import { createRandom } from '../domain/random.ts'
import type { TrainingSet } from '../domain/training-set.ts'
import { challengerWins, contest, heldBackFrom } from './contest.ts'
import { fitModel } from './fit.ts'
import type { FitOptions } from './fit-options.ts'

const MINUTE = 60_000
const kernel = createPlainKernel()
const OPTIONS: FitOptions = {
  plan: { hidden: [4, 2, 4], context: true, scaling: 'deviations' },
  training: { length: { steps: 200 }, batchSize: 32, learningRate: 0.002 },
  validation: 0.2,
  intervalMs: MINUTE,
  resolution: new Float64Array(3),
  threshold: { mode: 'budget' },
  seed: 1,
}

/** Three noisy features; from row `changedAt` on the third follows the first in another way. */
function rows(count: number, changedAt: number): TrainingSet {
  const random = createRandom(7)
  const values = new Float32Array(count * 3)
  for (let row = 0; row < count; row++) {
    const wave = Math.sin(row / 40)
    values.set([wave + 0.1 * random(), 0.3 * random(), row < changedAt ? wave : 3 - wave], row * 3)
  }
  return { names: ['a', 'b', 'c'], times: Float64Array.from({ length: count }, (_, row) => row * MINUTE), rows: values }
}

function first(set: TrainingSet, count: number): TrainingSet {
  return { ...set, times: set.times.slice(0, count), rows: set.rows.slice(0, count * 3) }
}

function hold(set: TrainingSet, champion: TrainingSet) {
  const champions = fitModel(new Map([['web', champion]]), OPTIONS, kernel).targets
  const from = heldBackFrom([set], champion.times[champion.times.length - 1])!
  return contest(new Map([['web', set]]), champions, from, OPTIONS, kernel)
}

describe('a contest', () => {
  it('is won by the challenger when the times have changed since the champion was trained', () => {
    const set = rows(1200, 600)

    expect(challengerWins(hold(set, first(set, 600)), 0.02)).toBe(true)
  })

  it('judges on the newest three tenths of what came after the champion', () => {
    const set = rows(1200, 1200)

    expect(hold(set, first(set, 600)).rows).toBe(0.3 * 600)
  })

  it('leaves a challenger most of the rows also where they all came long after the champion', () => {
    const set = rows(1200, 1200)
    const since = set.times[0] - 30 * 1200 * MINUTE

    expect(heldBackFrom([set], since)).toBe(set.times[1199] - 0.3 * (set.times[1199] - set.times[0]))
  })

  it('is not held over a handful of rows', () => {
    const set = rows(650, 650)

    expect(heldBackFrom([set], set.times[600])).toBeUndefined()
  })
})

describe('the champion', () => {
  it('stays when the challenger is better by less than the margin', () => {
    expect(challengerWins({ championLoss: 1, challengerLoss: 0.99, rows: 100 }, 0.02)).toBe(false)
    expect(challengerWins({ championLoss: 1, challengerLoss: 0.97, rows: 100 }, 0.02)).toBe(true)
  })

  it('stays when there is nothing to compare', () => {
    expect(challengerWins({ championLoss: Number.NaN, challengerLoss: Number.NaN, rows: 0 }, 0.02)).toBe(false)
  })
})
