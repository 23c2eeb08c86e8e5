import { expect, it } from 'vitest'
import { compileMatchers } from './matcher.ts'

it('anchors regular expressions at both ends', () => {
  const test = compileMatchers([{ label: 'device', op: '=~', value: 'sd[a-z]' }])

  expect(test({ device: 'sda' })).toBe(true)
  expect(test({ device: 'sda1' })).toBe(false)
  expect(test({ device: 'xsda' })).toBe(false)
})

it('takes a missing label for the empty string', () => {
  expect(compileMatchers([{ label: 'x', op: '=', value: '' }])({})).toBe(true)
  expect(compileMatchers([{ label: 'x', op: '!=', value: '' }])({})).toBe(false)
  expect(compileMatchers([{ label: 'x', op: '!~', value: '.+' }])({})).toBe(true)
})

it('needs every matcher to pass', () => {
  const test = compileMatchers([
    { label: 'a', op: '=', value: '1' },
    { label: 'b', op: '!~', value: '2|3' },
  ])

  expect(test({ a: '1', b: '4' })).toBe(true)
  expect(test({ a: '1', b: '3' })).toBe(false)
  expect(test({ a: '2', b: '4' })).toBe(false)
})

it('gives the same verdict the second time', () => {
  const test = compileMatchers([{ label: 'a', op: '=~', value: 'x.*' }])

  expect([test({ a: 'xy' }), test({ a: 'xy' }), test({ a: 'y' }), test({ a: 'y' })]).toEqual([true, true, false, false])
})

it('judges an expression that would keep V8 busy for ever at once', () => {
  const test = compileMatchers([{ label: 'a', op: '=~', value: '(a+)+$' }])
  const started = performance.now()

  expect(test({ a: `${'a'.repeat(5_000)}!` })).toBe(false)
  expect(performance.now() - started).toBeLessThan(2_000)
})

it.each(['(', '(?=a)', '\\1'])('refuses %j, which Prometheus would refuse too', (value) => {
  expect(() => compileMatchers([{ label: 'a', op: '=~', value }])).toThrow(RangeError)
})
