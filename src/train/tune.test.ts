import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRandom } from '../domain/random.ts'
import { bestTrial, drawTrials, meanLoss } from './tune.ts'

it('draws different networks with outer layers of 8 to 32, a narrower inner one of 4 to 16, and one of two rates', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const trials = drawTrials(10, createRandom(seed))
      expect(new Set(trials.map((trial) => JSON.stringify(trial))).size).toBe(10)
      for (const { hidden, learning_rate, validation_losses } of trials) {
        const [outer, inner, again] = hidden
        expect([outer >= 8, outer <= 32, inner >= 4, inner <= 16, inner < outer]).not.toContain(false)
        expect(again).toBe(outer)
        expect([1e-3, 1e-4]).toContain(learning_rate)
        expect(validation_losses).toEqual([])
      }
    }),
  )
})

it('draws the same networks from the same seed', () => {
  expect(drawTrials(10, createRandom(3))).toEqual(drawTrials(10, createRandom(3)))
})

it('chooses by the mean over the runs, and never a loss that is no number', () => {
  const trial = (outer: number, ...validation_losses: number[]) => {
    return { hidden: [outer, 4, outer], learning_rate: 1e-3, validation_losses }
  }
  const trials = [trial(8, Number.NaN, 0), trial(9, 0.1, 0.5), trial(10, 0.2, 0.3), trial(11, 0.3, 0.3)]

  expect(meanLoss(trials[2])).toBe((0.2 + 0.3) / 2)
  expect(bestTrial(trials).hidden[0]).toBe(10)
})
