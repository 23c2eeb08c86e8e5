import { describe, expect, it } from 'vitest'
import { targetOf } from '../domain/target.ts'
import { alertTarget, knownTargets } from './alert-target.ts'
import { alertOf } from './testing/bench.ts'

const IDENTITY = ['instance', 'job']
const known = knownTargets(
  [
    { instance: 'web-1', job: 'node' },
    { instance: 'web-2', job: 'node' },
    { instance: 'web-2', job: 'blackbox' },
  ].map((labels) => targetOf(labels, IDENTITY)),
)
const about = (labels: Readonly<Record<string, string>>) => {
  return alertTarget(alertOf('', { labels, fingerprint: '0123456789abcdef' }), IDENTITY, known).id
}

describe('the target of an alert', () => {
  it('is the one that its identity labels name, known or not', () => {
    expect(about({ instance: 'web-1', job: 'node', alertname: 'X' })).toBe('web-1@node')
    expect(about({ instance: 'new', job: 'node' })).toBe('new@node')
  })

  it('is the only known one that carries the labels it has', () => {
    expect(about({ instance: 'web-1' })).toBe('web-1@node')
  })

  it('is never a guess among several', () => {
    expect(about({ instance: 'web-2' })).toBe('web-2@')
    expect(about({ job: 'node' })).toBe('@node')
  })

  it('is the alert itself where it names nobody', () => {
    expect(about({ alertname: 'ErrorsHigh', service: 'cart' })).toBe('ErrorsHigh-01234567@alert')
    expect(about({})).toBe('alert-01234567@alert')
  })

  it('takes hostile labels for data', () => {
    expect(about(JSON.parse('{"__proto__": "x", "instance": "constructor", "job": "toString"}'))).toBe(
      'constructor@toString',
    )
  })
})
