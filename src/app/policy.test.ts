import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '../decide/guards/guard.ts'
import { grouping, isWithin, policyOf } from './policy.ts'
import { configOf } from './testing/effects-of.ts'

const at = (text: string) => Date.parse(text)

describe('a maintenance window', () => {
  it('is open from its time of day for as long as it lasts, over midnight too', () => {
    const nightly = { from: '23:00', lasts: 2 * 3_600_000, days: undefined }

    expect(isWithin(nightly, at('2026-11-21T22:59:59Z'))).toBe(false)
    expect(isWithin(nightly, at('2026-11-21T23:00:00Z'))).toBe(true)
    expect(isWithin(nightly, at('2026-11-22T00:59:59Z'))).toBe(true)
    expect(isWithin(nightly, at('2026-11-22T01:00:00Z'))).toBe(false)
  })

  it('counts by the day on which it begins', () => {
    const saturdays = { from: '23:00', lasts: 2 * 3_600_000, days: ['sat' as const] }

    // 21 November 2026 is a Saturday.
    expect(isWithin(saturdays, at('2026-11-22T00:30:00Z'))).toBe(true)
    expect(isWithin(saturdays, at('2026-11-22T23:30:00Z'))).toBe(false)
  })
})

describe('the configuration', () => {
  it('has the guards of the safety guide unless it says otherwise', () => {
    expect(policyOf(configOf('')).limitsOf('node', 'any', {})).toEqual(DEFAULT_LIMITS)
  })

  it('adds the rates of a rule to the general ones', () => {
    const limits = policyOf(configOf('')).limitsOf('node', 'any', { rates: [{ count: 1, windowMs: 1, scope: 'rule' }] })

    expect(limits.rates).toHaveLength(DEFAULT_LIMITS.rates.length + 1)
  })

  it('looks as far back as the longest window of its guards and of any rule', () => {
    const day = 86_400_000

    expect(policyOf(configOf('')).lookBackMs).toBe(2 * day)
    expect(policyOf(configOf('remediation: { guards: { attempts: 3 in 7d } }')).lookBackMs).toBe(7 * day)
    expect(policyOf(configOf('remediation: { guards: { group_rates: [7 in 30d] } }')).lookBackMs).toBe(30 * day)
    const rule = { cooldown: { baseMs: 3 * day, maxMs: 3 * day } }
    expect(policyOf(configOf(''), [{ soakCycles: 4 }, rule]).lookBackMs).toBe(12 * day)
  })

  it('names protected targets, windows and groups', () => {
    const config = configOf(`
remediation:
  protected: ['{job="db"}']
  maintenance:
    windows: [{ match: '{job="web"}', from: '22:00', lasts: 1h, text: backups }]
  groups: { label: cluster }
`)
    const policy = policyOf(config)
    const db = { id: 'db@db', labels: { instance: 'db', job: 'db' } }

    expect(policy.protectedBy(db, 'db')).toMatch(/remediation.protected/)
    expect(policy.protectedBy({ ...db, labels: { job: 'web' } }, 'web')).toBeUndefined()
    expect(policy.windowOf({ job: 'web' }, 'web', at('2026-11-21T22:30:00Z'))).toBe('backups')
    expect(policy.windowOf(db.labels, 'db', at('2026-11-21T22:30:00Z'))).toBeUndefined()
    expect(grouping(config)({ cluster: 'a', job: 'web' })).toBe('a')
  })
})
