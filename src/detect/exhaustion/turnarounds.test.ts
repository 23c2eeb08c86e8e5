import { expect, it } from 'vitest'
import { Turnarounds } from './turnarounds.ts'

/** Fed with one mean a second. */
function fed(values: readonly number[]): Turnarounds {
  const turnarounds = new Turnarounds(1000)
  turnarounds.grow(1)
  for (const [i, value] of values.entries()) turnarounds.add(0, i * 1000, value)
  return turnarounds
}

const TOOTH = [0.5, 0.6, 0.7, 0.8, 0.5, 0.6]

it('expects a rise to turn where the one before turned', () => {
  expect(fed(TOOTH).expects(0, 0.75, 0.1, 0)).toBe(true)
})

it('expects nothing above the former peak', () => {
  expect(fed(TOOTH).expects(0, 0.8 + 0.01 + 2 * 0.1 + 0.001, 0.1, 0)).toBe(false)
})

it('expects nothing of a rise much steeper than the one before', () => {
  expect(fed(TOOTH).expects(0, 0.75, 0.31, 0)).toBe(false)
})

it('forgets a peak older than asked for', () => {
  expect(fed(TOOTH).expects(0, 0.75, 0.1, 3001)).toBe(false)
})

it('does not take a small dip for a turn', () => {
  expect(fed([0.5, 0.6, 0.7, 0.66, 0.75, 0.8]).expects(0, 0.6, 0.1, 0)).toBe(false)
})

it('knows nothing of a row that was cleared', () => {
  const turnarounds = fed(TOOTH)

  turnarounds.clear(0)

  expect(turnarounds.expects(0, 0.75, 0.1, 0)).toBe(false)
})
