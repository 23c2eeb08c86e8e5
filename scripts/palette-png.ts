import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
/** Colours that a palette holds. */
const MOST = 256

/**
 * A screenshot with its most frequent 256 colours alone, the others replaced by the nearest of them: text on even ground
 * looks the same in a third of the bytes.
 *
 * @param png of 8 bits a channel, RGB or RGBA, not interlaced, as browsers make it; what shines through is taken for opaque
 */
export function withPalette(png: Buffer): Buffer {
  const { width, height, pixels } = decoded(png)
  const counts = new Map<number, number>()
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1)
  const palette = [...counts].sort(([, a], [, b]) => b - a).map(([colour]) => colour)
  const indexes = new Map(palette.map((colour, i) => [colour, i < MOST ? i : nearest(palette, colour)]))
  const rows = Buffer.alloc(height * (width + 1))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indexes.get(pixels[y * width + x])!
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  const colours = Buffer.from(palette.slice(0, MOST).flatMap((colour) => channels(colour)))
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const channels = (colour: number) => [colour >> 16, (colour >> 8) & 255, colour & 255]

function nearest(palette: readonly number[], colour: number): number {
  const wanted = channels(colour)
  let [best, least] = [0, Number.POSITIVE_INFINITY]
  for (let i = 0; i < MOST; i++) {
    const distance = channels(palette[i]).reduce((sum, value, c) => sum + (value - wanted[c]) ** 2, 0)
    if (distance < least) [best, least] = [i, distance]
  }
  return best
}

/** Colours as numbers, 0xRRGGBB, row by row. */
function decoded(png: Buffer): { width: number; height: number; pixels: Uint32Array } {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]
  const size = png[25] === 6 ? 4 : 3
  const parts: Buffer[] = []
  for (let at = SIGNATURE.length; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const data = png.subarray(at + 8, at + 8 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(data)
  }
  const bytes = inflateSync(Buffer.concat(parts))
  const line = width * size
  let above = Buffer.alloc(line)
  const pixels = new Uint32Array(width * height)
  for (let y = 0; y < height; y++) {
    const from = y * (line + 1)
    const row = unfiltered(bytes[from], bytes.subarray(from + 1, from + 1 + line), above, size)
    for (let x = 0; x < width; x++) pixels[y * width + x] = row.readUIntBE(x * size, 3)
    above = row
  }
  return { width, height, pixels }
}

/** A line of bytes as it was before the filter of the PNG specification, section 9. */
function unfiltered(filter: number, line: Buffer, above: Buffer, size: number): Buffer<ArrayBuffer> {
  const row = Buffer.alloc(line.length)
  for (let i = 0; i < line.length; i++) {
    const [left, up, corner] = [i < size ? 0 : row[i - size], above[i], i < size ? 0 : above[i - size]]
    const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]
    row[i] = (line[i] + predicted) & 255
  }
  return row
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(estimate - value))
  if (a <= b && a <= c) return left
  return b <= c ? up : corner
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
