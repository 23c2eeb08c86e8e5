import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changeOf } from './list-rows.ts'

const item = (name: string) => ({ name })
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(item)

/** The rows of a list after a change was written. */
function written<T>(before: readonly T[], numbers: readonly number[], after: readonly T[]): Map<number, T> {
  const rows = new Map(before.map((one, i) => [numbers[i], one]))
  const change = changeOf(before, numbers, after)
  for (const number of change.gone) rows.delete(number)
  for (const i of change.put) rows.set(change.numbers[i], after[i])
  return rows
}

describe('a list in rows', () => {
  it('is written whole where there was none', () => {
    expect(changeOf([], [], [a, b])).toEqual({ numbers: [0, 1], put: [0, 1], gone: [] })
  })

  it('gets a row for what is appended, and only that', () => {
    expect(changeOf([a, b], [0, 1], [a, b, c])).toEqual({ numbers: [0, 1, 2], put: [2], gone: [] })
  })

  it('keeps the place of what is replaced', () => {
    expect(changeOf([a, b, c], [0, 1, 2], [a, d, c])).toEqual({ numbers: [0, 1, 2], put: [1], gone: [] })
  })

  it('loses the rows of what was left out', () => {
    expect(changeOf([a, b, c], [0, 4, 5], [a, c, d])).toEqual({ numbers: [0, 5, 6], put: [2], gone: [4] })
  })

  it('is numbered anew where there is no room between two rows', () => {
    expect(changeOf([a, b], [0, 1], [a, c, b])).toEqual({ numbers: [2, 3, 4], put: [0, 1, 2], gone: [0, 1] })
  })

  it('is in its rows as it is, in order, whatever became of it', () => {
    const lists = fc.uniqueArray(fc.constantFrom(...Array.from({ length: 8 }, (_, i) => item(`${i}`))))
    const courses = fc.array(lists, { minLength: 1, maxLength: 6 })

    fc.assert(
      fc.property(courses, (course) => {
        let before: readonly object[] = []
        let numbers: readonly number[] = []
        for (const after of course) {
          const rows = written(before, numbers, after)
          expect([...rows].sort(([one], [other]) => one - other).map(([, row]) => row)).toEqual(after)
          numbers = changeOf(before, numbers, after).numbers
          before = after
        }
      }),
    )
  })
})
