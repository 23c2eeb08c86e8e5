import { describe, expect, it } from 'vitest'
import { DEFAULT_IDENTITY, targetOf } from './target.ts'

describe('a target', () => {
  it('is told apart by its identity labels alone', () => {
    const target = targetOf({ job: 'node', instance: 'web-1:9100', mode: 'idle' }, DEFAULT_IDENTITY)

    expect(target.id).toBe('web-1:9100@node')
    expect(Object.entries(target.labels)).toEqual([
      ['instance', 'web-1:9100'],
      ['job', 'node'],
    ])
  })

  it('takes the labels that the configuration names, a missing one as empty', () => {
    expect(targetOf({ pod: 'p' }, ['namespace', 'pod'])).toMatchObject({
      id: '@p',
      labels: { namespace: '', pod: 'p' },
    })
  })

  it('is not misled by names that every object has', () => {
    expect(targetOf({}, ['constructor', '__proto__']).id).toBe('@')
    expect(targetOf(JSON.parse('{"__proto__": "x"}'), ['__proto__']).labels).toHaveProperty(['__proto__'], 'x')
  })
})
