import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BLOCKS, BlockWindow, createPoints } from './blocks.ts'

/** Twelve blocks of a second. */
function window(): BlockWindow {
  const blocks = new BlockWindow(12_000)
  blocks.grow(2)
  return blocks
}

function read(blocks: BlockWindow, row = 0): { at: number[]; value: number[] } {
  const points = createPoints()
  blocks.read(row, points)
  return { at: [...points.at.subarray(0, points.count)], value: [...points.value.subarray(0, points.count)] }
}

it('keeps the mean value and mean time of each block', () => {
  const blocks = window()

  blocks.add(0, 5000, 1)
  blocks.add(0, 5500, 2)
  blocks.add(0, 6250, 8)

  expect(read(blocks).value).toEqual([(1 + 2) / 2, 8])
  expect(read(blocks).at[0]).toBeCloseTo((5000 + 5500) / 2, 1)
  expect(read(blocks).at[1]).toBeCloseTo(6250, 1)
})

it('leaves out blocks without samples and those older than the window', () => {
  const blocks = window()

  for (const at of [1000, 2000, 9000, 14_500]) blocks.add(0, at, at)

  expect(read(blocks).value).toEqual([9000, 14_500])
})

it('says when a block is complete, and its mean', () => {
  const blocks = window()

  expect([blocks.add(0, 1000, 4), blocks.add(0, 1400, 6), blocks.add(0, 2000, 9)]).toEqual([true, false, true])
  expect(blocks.previous(0)).toBe(5)
})

it('keeps rows apart, also when it grows', () => {
  const blocks = window()
  blocks.add(1, 1000, 7)

  blocks.grow(5)
  blocks.add(0, 1000, 3)
  blocks.clear(0)

  expect(read(blocks, 0).value).toEqual([])
  expect(read(blocks, 1).value).toEqual([7])
})

it('holds at most twelve points in order of time, whatever the gaps', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30_000 }), { maxLength: 60 }), (gaps) => {
      const blocks = window()
      let at = 1e12
      for (const gap of gaps) {
        at += gap
        blocks.add(0, at, 1)
      }
      const points = read(blocks)

      expect(points.at.length).toBeLessThanOrEqual(BLOCKS)
      expect(points.at).toEqual([...points.at].sort((a, b) => a - b))
      for (const each of points.at) expect(at - each).toBeLessThanOrEqual(12_000)
    }),
  )
})
