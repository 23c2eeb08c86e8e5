import fc from 'fast-check'
import { expect, it } from 'vitest'
import { budgetAfterFeedback } from './feedback.ts'

it('gives fewer alarms after one that was not useful, more after one that was', () => {
  expect(budgetAfterFeedback(1, false)).toBe(0.8)
  expect(budgetAfterFeedback(1, true)).toBe(1.06)
})

it('stays between one alarm in two weeks and four a day', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), (answers) => {
      const budget = answers.reduce((alarmsPerDay, useful) => budgetAfterFeedback(alarmsPerDay, useful), 1)
      return budget >= 1 / 14 && budget <= 4
    }),
  )
})

it('never moves against the answer, even from outside its bounds', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (alarmsPerDay) => {
      return (
        budgetAfterFeedback(alarmsPerDay, false) <= alarmsPerDay &&
        budgetAfterFeedback(alarmsPerDay, true) >= alarmsPerDay
      )
    }),
  )
})
