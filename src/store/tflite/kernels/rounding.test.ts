import fc from 'fast-check'
import { expect, it } from 'vitest'
import { roundHalfEven, toInt8 } from './rounding.ts'

it('rounds halves to the even neighbour', () => {
  expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5].map((x) => roundHalfEven(x) + 0)).toEqual([-2, -2, 0, 0, 2, 2])
})

it('rounds anything else to the nearest', () => {
  fc.assert(fc.property(fc.float({ min: -4e6, max: 4e6, noNaN: true }), (x) => Math.abs(roundHalfEven(x) - x) <= 0.5))
})

it('saturates into int8 around its zero point', () => {
  expect([toInt8(1e30, 5), toInt8(-1e30, 5), toInt8(0, 5), toInt8(-3, 5, 5)]).toEqual([127, -128, 5, 5])
})
