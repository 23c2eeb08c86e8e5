import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createIds } from './ids.ts'

it('ids compare as they were given out and are never given out twice, whatever the times', () => {
  const at = fc.integer({ min: 0, max: 5 }).map((ms) => Date.UTC(2026, 10, 21, 12) + ms)

  fc.assert(
    fc.property(fc.array(at, { maxLength: 50 }), (times) => {
      const newId = createIds('a1b2c3')

      const ids = times.map(newId)

      expect([...new Set(ids)].sort()).toEqual(ids)
    }),
  )
})

it('what waited for another keeps apart from it', () => {
  const newId = createIds('a1b2c3')

  const ids = [100, 101, 100].map(newId)

  expect(ids.map((id) => id.slice(15))).toEqual(['100Z-00000-a1b2c3', '101Z-00000-a1b2c3', '101Z-00001-a1b2c3'])
})

it('more than fit into a millisecond go on in the next', () => {
  const newId = createIds('a1b2c3')

  const ids = Array.from({ length: 100_001 }, () => newId(0))

  expect(ids.at(-1)!.slice(15)).toBe('001Z-00000-a1b2c3')
})
