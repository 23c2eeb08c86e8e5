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
