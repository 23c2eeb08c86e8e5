import { expect, it } from 'vitest'
import { medianStep } from './median-step.ts'

it('is not led astray by a gap, nor by rows that repeat a time', () => {
  expect(medianStep([60, 60, 60, 86_400])).toBe(60)
  expect(medianStep([0, 0, 0, 0, 60, 60])).toBe(60)
})

it('is 0 where no time passes', () => {
  expect(medianStep([])).toBe(0)
  expect(medianStep([0, 0])).toBe(0)
})
