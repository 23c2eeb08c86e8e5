import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TargetTable } from './target-table.ts'

const MINUTE = 60_000
const table = () => new TargetTable(['instance', 'job'], 10 * MINUTE)
const node = (instance: string) => ({ instance, job: 'node', __name__: 'ignored' })

describe('TargetTable', () => {
  it('keeps the slot of a target, with any hint', () => {
    const targets = table()
    const slots = ['a', 'b', 'c'].map((instance) => targets.slotOf(node(instance), -1))

    expect(slots).toEqual([0, 1, 2])
    expect(['a', 'b', 'c'].map((instance) => targets.slotOf(node(instance), 1))).toEqual(slots)
    expect(targets.targets().map((target) => target?.id)).toEqual(['a@node', 'b@node', 'c@node'])
  })

  it('tells targets apart by each identity label', () => {
    const targets = table()

    expect(targets.slotOf({ instance: 'a', job: 'x' }, -1)).not.toBe(targets.slotOf({ instance: 'a', job: 'y' }, -1))
    expect(targets.slotOf({ instance: 'ab', job: 'c' }, -1)).not.toBe(targets.slotOf({ instance: 'a', job: 'bc' }, -1))
    expect(targets.slotOf({ instance: 'a' }, -1)).toBe(targets.slotOf({ instance: 'a', job: '' }, -1))
  })

  it('frees a slot only after the target was missed for long enough', () => {
    const targets = table()
    targets.slotOf(node('a'), -1)
    targets.sweep(0)
    targets.sweep(1 * MINUTE)
    targets.sweep(10 * MINUTE)
    expect(targets.targets()[0]?.id).toBe('a@node')

    targets.sweep(11 * MINUTE)
    expect(targets.targets()).toEqual([undefined])
    expect(targets.slotOf(node('b'), 0)).toBe(0)
    expect(targets.slotOf(node('a'), 0)).toBe(1)
  })

  it('does not count the time in which nobody looked', () => {
    const targets = table()
    targets.slotOf(node('a'), -1)
    targets.sweep(0)

    targets.sweep(600 * MINUTE)
    expect(targets.targets()[0]?.id).toBe('a@node')
  })

  it('never gives two known targets one slot, nor one target two', () => {
    const visits = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: -1, max: 12 }), fc.boolean()))
    fc.assert(
      fc.property(visits, (steps) => {
        const targets = new TargetTable(['instance'], 2)
        steps.forEach(([instance, hint, sweep], at) => {
          const slot = targets.slotOf({ instance: String(instance) }, hint)
          expect(targets.targets()[slot]?.id).toBe(String(instance))
          if (sweep) targets.sweep(at)
          const ids = targets.targets().flatMap((target) => target?.id ?? [])
          expect(new Set(ids).size).toBe(ids.length)
        })
      }),
    )
  })
})
