import { deflateSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { withPalette } from './palette-png.ts'

/** A picture of one line as a browser might write it: each pixel the difference to the one on its left. */
function png(colours: readonly (readonly [number, number, number])[]): Buffer {
  const differences = colours.flatMap((colour, x) =>
    colour.map((value, c) => (value - (colours[x - 1]?.[c] ?? 0)) & 255),
  )
  const data = deflateSync(Buffer.from([1, ...differences]))
  const chunks = [
    ['IHDR', Buffer.from([0, 0, 0, colours.length, 0, 0, 0, 1, 8, 2, 0, 0, 0])],
    ['IDAT', data],
    ['IEND', Buffer.alloc(0)],
  ] as const
  const written = chunks.flatMap(([name, body]) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(body.length)
    return [length, Buffer.from(name), body, Buffer.alloc(4)]
  })
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...written])
}

it('has the colours of the picture in a palette, the most frequent first', () => {
  const picture = png([
    [255, 0, 0],
    [1, 2, 3],
    [255, 0, 0],
  ])

  const made = withPalette(picture)

  const palette = made.indexOf('PLTE')
  expect([...made.subarray(palette + 4, palette + 10)]).toEqual([255, 0, 0, 1, 2, 3])
  expect([...made.subarray(16, 26)]).toEqual([0, 0, 0, 3, 0, 0, 0, 1, 8, 3])
})
