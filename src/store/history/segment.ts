import type { Snapshot } from '../../domain/snapshot.ts'
import type { Target } from '../../domain/target.ts'

/**
 * A segment holds the observations of a stretch of time, one frame after the other, and only ever grows.
 *
 * A frame is its length as uint32, then its kind as one byte, then:
 * - kind `H`: JSON `{"features": [...]}`, first in every segment
 * - kind `T`: JSON `{"index", "target"}`, before the first row of a target
 * - kind `S`: float64 time, then for each target uint32 index, float64 sampledAt, float32 values
 *
 * All numbers little endian. A frame that a crash cut short is the last one and is ignored.
 */
export type Frame =
  | { readonly kind: 'header'; readonly features: readonly string[] }
  | { readonly kind: 'target'; readonly index: number; readonly target: Target }
  | { readonly kind: 'snapshot'; readonly at: number; readonly rows: readonly Row[] }

export interface Row {
  readonly index: number
  readonly sampledAt: number
  readonly values: Float32Array
}

const PREFIX_BYTES = 5
const ROW_PREFIX_BYTES = 12
const KIND = { header: 'H'.charCodeAt(0), target: 'T'.charCodeAt(0), snapshot: 'S'.charCodeAt(0) }

export function encodeHeader(features: readonly string[]): Buffer {
  return frame(KIND.header, Buffer.from(JSON.stringify({ features })))
}

export function encodeTarget(index: number, target: Target): Buffer {
  return frame(KIND.target, Buffer.from(JSON.stringify({ index, target })))
}

/** @param indexOf the segment's index of a target */
export function encodeSnapshot(snapshot: Snapshot, indexOf: (target: Target) => number): Buffer {
  const width = snapshot.features.length
  const slots = [...snapshot.targets.keys()].filter(
    (slot) => snapshot.targets[slot] !== undefined && !Number.isNaN(snapshot.sampledAt[slot]),
  )
  const body = Buffer.alloc(8 + slots.length * (ROW_PREFIX_BYTES + width * 4))
  body.writeDoubleLE(snapshot.at, 0)
  let offset = 8
  for (const slot of slots) {
    body.writeUInt32LE(indexOf(snapshot.targets[slot]!), offset)
    body.writeDoubleLE(snapshot.sampledAt[slot], offset + 4)
    offset += ROW_PREFIX_BYTES
    for (let f = 0; f < width; f++, offset += 4) body.writeFloatLE(snapshot.values[slot * width + f], offset)
  }
  return frame(KIND.snapshot, body)
}

/** Reads whole frames from the start of `bytes`, stops at the first that is incomplete or makes no sense. */
export function* decodeFrames(bytes: Buffer): Generator<Frame> {
  let offset = 0
  let width = 0
  while (offset + PREFIX_BYTES <= bytes.length) {
    const length = bytes.readUInt32LE(offset)
    const kind = bytes[offset + 4]
    const body = bytes.subarray(offset + PREFIX_BYTES, offset + PREFIX_BYTES + length)
    if (body.length < length) return
    const decoded = decodeFrame(kind, body, width)
    if (decoded === undefined) return
    if (decoded.kind === 'header') width = decoded.features.length
    yield decoded
    offset += PREFIX_BYTES + length
  }
}

/** Bytes of `bytes` that are whole frames; what follows was cut short. */
export function wholeLength(bytes: Buffer): number {
  let offset = 0
  while (offset + PREFIX_BYTES <= bytes.length) {
    const end = offset + PREFIX_BYTES + bytes.readUInt32LE(offset)
    if (end > bytes.length) break
    offset = end
  }
  return offset
}

function frame(kind: number, body: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32LE(body.length, 0)
  prefix[4] = kind
  return Buffer.concat([prefix, body])
}

function decodeFrame(kind: number, body: Buffer, width: number): Frame | undefined {
  if (kind === KIND.header) return { kind: 'header', ...(JSON.parse(body.toString()) as { features: string[] }) }
  if (kind === KIND.target) {
    return { kind: 'target', ...(JSON.parse(body.toString()) as { index: number; target: Target }) }
  }
  if (kind !== KIND.snapshot || width === 0) return undefined
  const rows: Row[] = []
  for (let offset = 8; offset < body.length; ) {
    const values = new Float32Array(width)
    const index = body.readUInt32LE(offset)
    const sampledAt = body.readDoubleLE(offset + 4)
    offset += ROW_PREFIX_BYTES
    for (let f = 0; f < width; f++, offset += 4) values[f] = body.readFloatLE(offset)
    rows.push({ index, sampledAt, values })
  }
  return { kind: 'snapshot', at: body.readDoubleLE(0), rows }
}
