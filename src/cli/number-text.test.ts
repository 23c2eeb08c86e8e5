import { expect, it } from 'vitest'
import { scoreCell } from './number-text.ts'

it('keeps nine digits, and an empty cell where there is no score', () => {
  expect(scoreCell(1 / 3)).toBe(0.333333333)
  expect(scoreCell(123456789.4)).toBe(123456789)
  expect(scoreCell(Number.NaN)).toBe('')
  expect(scoreCell(Number.POSITIVE_INFINITY)).toBe('inf')
})
