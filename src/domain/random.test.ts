import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, seedFor, shuffle } from './random.ts'

function draw(seed: number, count: number): number[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, random)
}

describe('seeded random numbers', () => {
  it('are the same for the same seed, others for another', () => {
    expect(draw(1, 5)).toEqual(draw(1, 5))
    expect(draw(2, 5)).not.toEqual(draw(1, 5))
    // Only the low 32 bits count.
    expect(draw(2 ** 32 + 1, 5)).toEqual(draw(1, 5))
  })

  it('are spread evenly over 0 to 1, whatever the seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const numbers = draw(seed, 4_000)
        const tenths = Array.from({ length: 10 }, (_, i) => numbers.filter((n) => Math.floor(10 * n) === i).length)

        expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
        expect(Math.max(...numbers)).toBeLessThan(1)
        // 400 in each are expected, ± 19: six of those are 114.
        for (const count of tenths) expect(Math.abs(count - 400)).toBeLessThan(114)
      }),
      { numRuns: 20 },
    )
  })
})

describe('the seed of a thing', () => {
  it('depends on the common seed and the name', () => {
    expect(seedFor(1, 'web-1')).toBe(seedFor(1, 'web-1'))
    expect(seedFor(1, 'web-1')).not.toBe(seedFor(2, 'web-1'))
    expect(seedFor(1, 'web-1')).not.toBe(seedFor(1, 'web-2'))
  })

  it('is FNV-1a where the common seed is 0', () => {
    // Noll's test vectors.
    expect(seedFor(0, '')).toBe(0x811c9dc5)
    expect(seedFor(0, 'a')).toBe(0xe40c292c)
    expect(seedFor(0, 'foobar')).toBe(0xbf9cf968)
  })
})

describe('shuffling', () => {
  it('keeps every item', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(200), (seed, count) => {
        const items = Int32Array.from({ length: count }, (_, i) => i)
        shuffle(items, createRandom(seed))

        expect([...items].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
      }),
    )
  })

  it('brings every item to every place about equally often', () => {
    const random = createRandom(5)
    const firsts = [0, 0, 0, 0]
    for (let i = 0; i < 4_000; i++) {
      const items = Int32Array.of(0, 1, 2, 3)
      shuffle(items, random)
      firsts[items[0]]++
    }

    for (const count of firsts) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })

  it('draws the first places from all items where only those are wanted', () => {
    const random = createRandom(5)
    const seen = new Set<number>()
    for (let i = 0; i < 200; i++) {
      const items = Int32Array.from({ length: 10 }, (_, place) => place)
      shuffle(items, random, 2)
      expect(new Set(items).size).toBe(10)
      seen.add(items[0]).add(items[1])
    }

    expect(seen.size).toBe(10)
  })
})
