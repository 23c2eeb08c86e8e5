import { expect, it } from 'vitest'
import { createPoints, type Points } from './blocks.ts'
import { isSteady } from './steadiness.ts'
import { fitTrend } from './trend.ts'

function points(values: readonly number[]): Points {
  const points = createPoints()
  for (const [i, value] of values.entries()) {
    points.at[i] = i * 1000
    points.value[i] = value
  }
  points.count = values.length
  return points
}

function steady(values: readonly number[]): boolean {
  return isSteady(points(values), fitTrend(points(values)).slope)
}

it('is steady when every block rises', () => {
  expect(steady([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])).toBe(true)
  expect(steady([0, 1.5, 1.8, 3.3, 3.6, 5.5, 6, 6.4, 8.5, 8.9, 10, 11])).toBe(true)
})

it('is not steady when one or two neighbouring blocks make the rise', () => {
  expect(steady([0, 0.1, 0.2, 0.3, 0.4, 0.5, 8, 8.1, 8.2, 8.3, 8.4, 8.5])).toBe(false)
  expect(steady([0, 0.1, 0.2, 0.3, 0.4, 4, 8, 8.1, 8.2, 8.3, 8.4, 8.5])).toBe(false)
})

it('is not steady when the rise is over', () => {
  expect(steady([0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8])).toBe(false)
})
