import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAttention } from './attention.ts'

/** A target that was unwell, well, or not heard of, sample by sample. */
function courseOf(samples: readonly ('unwell' | 'well' | 'silent')[]) {
  const attention = createAttention()
  for (const [at, sample] of samples.entries()) {
    attention.sample(at, new Set(sample === 'unwell' ? ['web'] : []), () => sample !== 'silent')
  }
  return { held: attention.heldCycles('web'), changes: attention.stateChanges('web') }
}

describe('attention', () => {
  it('counts the cycles that trouble has held, and begins anew when it comes back', () => {
    expect(courseOf([])).toEqual({ held: 0, changes: 0 })
    expect(courseOf(['unwell', 'unwell', 'unwell'])).toEqual({ held: 3, changes: 1 })
    expect(courseOf(['unwell', 'unwell', 'well'])).toEqual({ held: 0, changes: 2 })
    expect(courseOf(['unwell', 'well', 'unwell'])).toEqual({ held: 1, changes: 3 })
  })

  it('takes silence neither for well nor for unwell', () => {
    expect(courseOf(['unwell', 'silent', 'silent', 'unwell'])).toEqual({ held: 2, changes: 1 })
  })

  it('forgets what lies more than 21 samples back', () => {
    const flapping = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 'unwell' : 'well') as 'unwell' | 'well')

    expect(courseOf(flapping).changes).toBe(20)
    expect(courseOf([...flapping, ...Array(21).fill('well')]).changes).toBe(0)
  })

  it('counts the cycles that a rule has matched, and begins anew with another one', () => {
    const attention = createAttention()
    const cycle = (at: number, rule: string | undefined) => {
      attention.sample(at, new Set(['web']), () => true)
      return attention.match('web', rule, true)
    }

    expect([cycle(1, 'a'), cycle(2, 'a'), cycle(3, 'b'), cycle(4, 'a'), cycle(5, undefined)]).toEqual([1, 2, 1, 1, 0])
    expect([cycle(6, 'a'), attention.match('web', 'a', true), cycle(7, 'a')]).toEqual([1, 1, 2])
  })

  it('counts from the next cycle on what begins to match between two', () => {
    const attention = createAttention()
    attention.sample(1, new Set(['web']), () => true)

    expect(attention.match('web', 'a', false)).toBe(0)
    attention.sample(2, new Set(['web']), () => true)
    expect(attention.match('web', 'a', true)).toBe(1)
  })

  it('lets a rule that is not asked hold on, and forgets it when the target is well', () => {
    const attention = createAttention()
    const sample = (at: number, isUnwell: boolean) => attention.sample(at, new Set(isUnwell ? ['web'] : []), () => true)
    sample(1, true)
    attention.match('web', 'a', true)

    sample(2, true)
    sample(3, true)
    expect(attention.match('web', 'a', true)).toBe(3)
    sample(4, false)
    sample(5, true)
    expect(attention.match('web', 'a', true)).toBe(1)
  })

  it('takes one sample of a cycle, however often its transaction is tried', () => {
    const attention = createAttention()

    for (let i = 0; i < 3; i++) attention.sample(1, new Set(['web']), () => true)

    expect(attention.heldCycles('web')).toBe(1)
  })

  it('never counts more changes than samples allow', () => {
    const samples = fc.array(fc.constantFrom('unwell' as const, 'well' as const, 'silent' as const))

    fc.assert(fc.property(samples, (course) => courseOf(course).changes <= 20))
  })
})
