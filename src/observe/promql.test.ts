import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { add, div, gauge, like, mul, not, rate, sub, sum } from './catalogue/builders.ts'
import { catalogueOf } from './catalogue/preset.ts'
import { presets } from './catalogue/presets.ts'
import { compile, compileHeartbeat } from './promql.ts'

const options = { identity: ['instance', 'job'], rateWindowMs: 60_000 }

describe('compile', () => {
  it('aggregates by the identity labels', () => {
    expect(compile(sum(rate('a', { mode: 'x' })), options)).toBe('sum by (instance, job) (rate(a{mode="x"}[60s]))')
    expect(compile(gauge('a'), { ...options, identity: ['host'] })).toBe('max by (host) (a)')
  })

  it('keeps the order of operations by parentheses', () => {
    const expr = mul(sub(1, sum(gauge('a'))), add(sum(gauge('b')), -2))
    expect(compile(expr, options)).toBe('((1 - sum by (instance, job) (a)) * (sum by (instance, job) (b) + (-2)))')
  })

  it('drops divisions by zero instead of letting them be Inf', () => {
    expect(compile(div(gauge('a'), gauge('b')), options)).toBe('max by (instance, job) ((a / (b != 0)))')
    expect(compile(div(gauge('a'), 2), options)).toBe('max by (instance, job) ((a / 2))')
  })

  it('adds the extra matchers to every selector', () => {
    const extraMatchers = [{ label: 'env', op: '=', value: 'prod' }] as const
    expect(compile(div(gauge('a', { x: not('y') }), gauge('b')), { ...options, extraMatchers })).toBe(
      'max by (instance, job) ((a{x!="y",env="prod"} / (b{env="prod"} != 0)))',
    )
  })

  it('writes windows that are no whole seconds in milliseconds', () => {
    expect(compile(sum(rate('a')), { ...options, rateWindowMs: 1500 })).toContain('[1500ms]')
  })

  it('quotes any label value so that it reads back the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const quoted = /^max by \(instance, job\) \(a\{x=~(".*")\}\)$/s.exec(
          compile(gauge('a', { x: like(value) }), options),
        )
        // The escapes that PromQL shares with JSON, of which only these are ever written.
        return unquote(quoted![1]) === value
      }),
    )
  })

  it.each(['', 'a b', '1a', 'a}', 'a{x="y"}'])('refuses the metric name %j', (name) => {
    expect(() => compile(gauge(name), options)).toThrow(RangeError)
  })

  it('refuses label names and numbers that PromQL would not read', () => {
    expect(() => compile(gauge('a', { 'x y': 'z' }), options)).toThrow(RangeError)
    expect(() => compile(add(gauge('a'), Number.NaN), options)).toThrow(RangeError)
  })
})

it('asks for the newest sample of any heartbeat', () => {
  expect(compileHeartbeat(['a', 'b'], options)).toBe('max by (instance, job) (timestamp(a) or timestamp(b))')
})

it('compiles the catalogue to queries that were reviewed', () => {
  const { features } = catalogueOf(Object.values(presets))
  const lines = features.map((feature) => `${feature.name} [${feature.unit}]\n  ${compile(feature.expr, options)}`)
  expect(lines.join('\n')).toMatchSnapshot()
})

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gs, (_, char) => (char === 'n' ? '\n' : char))
}
