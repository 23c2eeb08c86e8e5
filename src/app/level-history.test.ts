import { expect, it } from 'vitest'
import type { Verdict } from '../domain/verdict.ts'
import { createLevelHistory } from './level-history.ts'

const verdict = (id: string, level: number, state = 'fresh') =>
  ({ target: { id, labels: {} }, level, state }) as Verdict

it('keeps the last hour of each target, oldest first', () => {
  const levels = createLevelHistory()

  for (let i = 0; i < 300; i++) levels.add(i * 15_000, [verdict('a', i), undefined])

  const points = levels.of('a')
  expect(points).toHaveLength(240)
  expect(points[0]).toEqual({ at: 60 * 15_000, level: 60 })
  expect(points.at(-1)).toEqual({ at: 299 * 15_000, level: 299 })
})

it('keeps nothing of what has no level, and an hour however short the cycles are', () => {
  const levels = createLevelHistory()

  for (let i = 0; i < 3_600; i++)
    levels.add(i * 1_000, [verdict('a', 1), verdict('b', Number.NaN), verdict('c', 1, 'stale')])

  expect(levels.of('a')).toHaveLength(240)
  expect([levels.of('b'), levels.of('c'), levels.of('d')]).toEqual([[], [], []])
})

it('forgets targets that are gone', () => {
  const levels = createLevelHistory()
  levels.add(0, [verdict('gone', 1)])

  levels.add(2 * 3_600_000, [verdict('a', 1)])

  expect(levels.of('gone')).toEqual([])
})
