import { expect, it } from 'vitest'
import { div, gauge, max, mul, rate, sub, sum } from './catalogue/builders.ts'
import { metricsOf, perTarget } from './expr.ts'

const load = gauge('node_load1')
const total = sum(gauge('cpus'))

it('leaves an aggregation as it is', () => {
  expect(perTarget(total)).toEqual(total)
})

it('wraps a bare series, and arithmetic on bare series as a whole', () => {
  expect(perTarget(load)).toEqual(max(load))
  expect(perTarget(div(load, gauge('b')))).toEqual(max(div(load, gauge('b'))))
})

it('wraps only the bare side where it meets an aggregation, however deep', () => {
  expect(perTarget(mul(100, div(load, total)))).toEqual(mul(100, div(max(load), total)))
  expect(perTarget(sub(div(load, total), gauge('b')))).toEqual(sub(div(max(load), total), max(gauge('b'))))
})

it('settles what stands inside an aggregation too', () => {
  expect(perTarget(max(div(load, total)))).toEqual(max(div(max(load), total)))
})

it('lists the metrics of an expression', () => {
  expect(metricsOf(div(sum(rate('a')), sub(1, gauge('b'))))).toEqual(['a', 'b'])
})
