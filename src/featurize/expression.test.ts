import { describe, expect, it } from 'vitest'
import { compileExpression, ExpressionError } from './expression.ts'

const row = (values: Record<string, number>) => ({ names: Object.keys(values), get: (name: string) => values[name] })

describe('a feature expression', () => {
  it('computes over other features', () => {
    expect(compileExpression('a / (b + 1.0)', ['a', 'b'])(row({ a: 6, b: 2 }))).toBe(6 / (2 + 1))
  })

  it('counts true as 1', () => {
    expect(compileExpression('a > 80.0', ['a'])(row({ a: 81 }))).toBe(1)
  })

  it('may compare with an integer', () => {
    expect(compileExpression('a > 80 ? 2.0 : 3.0', ['a'])(row({ a: 79 }))).toBe(3)
  })

  it.each([
    ['a +', 'a syntax error'],
    ['nope + 1.0', 'an unknown feature'],
    ['"text"', 'a result that is no number'],
    ['a + 1', 'an integer literal in arithmetic'],
  ])('is refused: %s is %s', (source) => {
    expect(() => compileExpression(source, ['a'])).toThrow(ExpressionError)
  })
})
