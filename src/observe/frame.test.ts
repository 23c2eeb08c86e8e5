import { expect, it } from 'vitest'
import { Frame } from './frame.ts'

const targets = (n: number) => Array.from({ length: n }, (_, i) => ({ id: String(i), labels: {} }))

it('is NaN where nothing was set, also beyond the slots it began with', () => {
  const frame = new Frame(7, 2, 1)
  frame.set(40, 1, 5)
  frame.sampled(40, 123)
  const snapshot = frame.finish(['a', 'b'], targets(100), ['w'])

  expect(snapshot.at).toBe(7)
  expect(snapshot.values).toHaveLength(100 * 2)
  expect(snapshot.sampledAt).toHaveLength(100)
  expect(snapshot.values[40 * 2 + 1]).toBe(5)
  expect(snapshot.sampledAt[40]).toBe(123)
  expect([...snapshot.values].filter((value) => !Number.isNaN(value))).toEqual([5])
  expect(snapshot.warnings).toEqual(['w'])
})

it('keeps values while it grows', () => {
  const frame = new Frame(0, 1, 1)
  for (let slot = 0; slot < 1000; slot++) frame.set(slot, 0, slot)

  expect([...frame.finish(['a'], targets(1000), []).values]).toEqual(Array.from({ length: 1000 }, (_, i) => i))
})

it('stores infinity as NaN and tells when a place was taken', () => {
  const frame = new Frame(0, 1, 1)

  expect(frame.set(0, 0, Number.POSITIVE_INFINITY)).toBe(true)
  expect(frame.set(0, 0, 1)).toBe(true)
  expect(frame.set(0, 0, 2)).toBe(false)
  expect([...frame.finish(['a'], targets(1), []).values]).toEqual([2])
})
