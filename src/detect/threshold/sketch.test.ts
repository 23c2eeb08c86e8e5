import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSketch, lowerEdge, putScore, remembered, type Sketch } from './sketch.ts'

const BLOCK = 600_000
/** 256 codes an octave. */
const STEP = 2 ** (1 / 256)

function sketchOf(scores: readonly (readonly [block: number, score: number])[], blocks = 10): Sketch {
  const sketch = createSketch(blocks * BLOCK, BLOCK)
  for (const [block, score] of scores) putScore(sketch, block * BLOCK, score)
  return sketch
}

/** The blocks that are remembered, with the lowest score that each may stand for. */
function contents(sketch: Sketch, blocks = 10): [number, number][] {
  const { codes, at } = remembered(sketch, blocks)
  return Array.from(codes, (code, i) => [at[i], lowerEdge(code)])
}

describe('a sketch of scores', () => {
  it('knows every score between 2⁻²⁰ and 2²³⁵ within a step, from below', () => {
    const score = fc.double({ min: -19.9, max: 234.9, noNaN: true }).map((exponent) => 2 ** exponent)

    fc.assert(
      fc.property(score, (value) => {
        const [[, edge]] = contents(sketchOf([[0, value]]))

        expect(edge).toBeLessThanOrEqual(value * (1 + 1e-9))
        expect(edge).toBeGreaterThan((value / STEP) * (1 - 1e-9))
      }),
    )
  })

  it('keeps scores in order', () => {
    const score = fc.double({ min: 0, max: 1e60, noNaN: true })

    fc.assert(
      fc.property(score, score, (a, b) => {
        const codeOf = (value: number) => remembered(sketchOf([[0, value]]), 1).codes[0]

        expect(Math.sign(codeOf(a) - codeOf(b)) * Math.sign(a - b)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('remembers the highest score of a block', () => {
    const sketch = createSketch(10 * BLOCK, BLOCK)
    for (const [i, score] of [1, 4, 2].entries()) putScore(sketch, 3 * BLOCK + i * 15_000, score)

    expect(contents(sketch)).toEqual(contents(sketchOf([[3, 4]])))
  })

  it('tells a block whose scores were all 0 from one without scores', () => {
    expect(
      contents(
        sketchOf([
          [0, 0],
          [2, 0],
        ]),
      ),
    ).toEqual([
      [0, 0],
      [2, 0],
    ])
  })

  it('forgets what is older than its memory, also where it is passed over at once', () => {
    expect(
      contents(
        sketchOf([
          [0, 1],
          [1, 1],
          [10, 1],
        ]),
      ).map(([block]) => block),
    ).toEqual([1, 10])
    expect(
      contents(
        sketchOf([
          [0, 1],
          [5, 1],
          [1_000, 1],
        ]),
      ).map(([block]) => block),
    ).toEqual([1_000])
  })

  it('takes in a score that comes late, but not one older than its memory', () => {
    expect(
      contents(
        sketchOf([
          [20, 1],
          [15, 1],
        ]),
      ).map(([block]) => block),
    ).toEqual([15, 20])
    expect(
      contents(
        sketchOf([
          [20, 1],
          [10, 1],
        ]),
      ).map(([block]) => block),
    ).toEqual([20])
  })

  it('gives the newest blocks where fewer are asked for than it remembers', () => {
    expect(
      contents(
        sketchOf([
          [1, 1],
          [7, 1],
          [9, 1],
          [10, 1],
        ]),
        3,
      ).map(([block]) => block),
    ).toEqual([9, 10])
  })

  it('agrees with a map of blocks to their highest scores, whatever comes in whatever order', () => {
    const entry = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom(0, 0.5, 1, 8))

    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
        const highest = new Map<number, number>()
        let newest = -1
        for (const [block, score] of entries) {
          newest = Math.max(newest, block)
          if (block > newest - 10) highest.set(block, Math.max(score, highest.get(block) ?? 0))
        }
        const kept = [...highest].filter(([block]) => block > newest - 10).sort(([a], [b]) => a - b)

        expect(contents(sketchOf(entries))).toEqual(contents(sketchOf(kept)))
        expect(contents(sketchOf(entries)).map(([block]) => block)).toEqual(kept.map(([block]) => block))
      }),
    )
  })

  it.each([
    [BLOCK, BLOCK],
    [Number.POSITIVE_INFINITY, BLOCK],
    [BLOCK, 0],
    [Number.NaN, BLOCK],
  ])('refuses a memory of %d ms in blocks of %d ms', (memoryMs, blockMs) => {
    expect(() => createSketch(memoryMs, blockMs)).toThrow(RangeError)
  })
})
