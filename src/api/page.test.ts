import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pageOf } from './page.ts'

describe('pageOf', () => {
  it('gives every item once, in order, whatever the page size', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 1, max: 10 }), (items, limit) => {
        const seen: string[] = []
        let after: string | undefined
        for (;;) {
          const { items: page, next_cursor } = pageOf(items, (item) => item, { limit, cursor: after })
          seen.push(...page)
          if (next_cursor === null) break
          after = page.at(-1)
        }
        expect(seen).toEqual([...items].sort())
      }),
    )
  })
})
