import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arena, type Block } from './arena.ts'

const BASE = 100

function newArena(): Arena {
  return new Arena(new WebAssembly.Memory({ initial: 1 }), BASE)
}

function overlap(a: Block, b: Block): boolean {
  return a.address < b.address + b.bytes && b.address < a.address + a.bytes
}

describe('the arena', () => {
  it('hands out zeroed blocks that never overlap, whatever the order of requests and releases', () => {
    const step = fc.record({ bytes: fc.integer({ min: 0, max: 300_000 }), release: fc.nat() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const arena = newArena()
        const live: Block[] = []
        for (const { bytes, release } of steps) {
          const block = arena.allocate(bytes)
          const words = arena.u32.subarray(block.address / 4, (block.address + block.bytes) / 4)
          expect(block.address).toBeGreaterThanOrEqual(BASE)
          expect(block.address % 64).toBe(0)
          expect(block.bytes).toBeGreaterThanOrEqual(bytes)
          expect(words.length * 4).toBe(block.bytes)
          expect(words.every((word) => word === 0)).toBe(true)
          expect(live.some((other) => overlap(block, other))).toBe(false)
          words.fill(0xffffffff)
          live.push(block)
          if (release % 3 > 0) arena.release(live.splice(release % live.length, 1)[0] as Block)
        }
        expect(arena.used).toBe(live.reduce((sum, block) => sum + block.bytes, 0))
      }),
      { seed: 7, numRuns: 60 },
    )
  })

  it('merges what is released, so that everything fits again', () => {
    const arena = newArena()
    const blocks = Array.from({ length: 100 }, () => arena.allocate(50_000))
    const { size } = arena
    const odd = blocks.filter((_, i) => i % 2 === 1)
    const even = blocks.filter((_, i) => i % 2 === 0)
    for (const block of [...odd, ...even.reverse()]) arena.release(block)
    expect(arena.used).toBe(0)
    arena.allocate(size - 1024)
    expect(arena.size).toBe(size)
  })
})
