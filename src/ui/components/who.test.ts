import { describe, expect, it } from 'vitest'
import { whoOf } from './who.ts'

describe('whoOf', () => {
  it.each([
    ['homeostat', 'Homeostat'],
    ['api', 'somebody over the API'],
    ['api:ann', 'ann'],
    ['telegram:4711', '4711 (telegram)'],
  ])('calls %s %s', (by, name) => {
    expect(whoOf(by)).toBe(name)
  })
})
