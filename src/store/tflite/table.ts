import type { ByteBuffer } from 'flatbuffers'
import { TfliteError } from './error.ts'

/** Bytes of an offset in the file. */
const OFFSET = 4

/** Longest text kept; names of tensors are a few words. */
const TEXT_BYTES = 4096

/**
 * A FlatBuffers table read with every offset checked against the file. The library itself checks nothing: past the end
 * it reads zeros, so that a damaged file looks like an empty one, or lets typed arrays throw a bare RangeError.
 *
 * A field is named by its index in the vtable; one that is absent reads as its default. A list longer than its `limit`
 * is refused. Every method throws a `TfliteError`, `corrupt` or `too_large`.
 *
 * Layout: FlatBuffers internals, https://flatbuffers.dev/internals/.
 */
export class Table {
  readonly buffer: ByteBuffer
  private readonly at: number
  private readonly vtable: number
  private readonly vtableBytes: number

  /** @param at where the table stands in the file */
  constructor(buffer: ByteBuffer, at: number) {
    this.buffer = buffer
    this.at = at
    check(buffer, at, 4)
    this.vtable = at - buffer.readInt32(at)
    check(buffer, this.vtable, 4)
    this.vtableBytes = buffer.readUint16(this.vtable)
    check(buffer, this.vtable, Math.max(4, this.vtableBytes))
  }

  /** The table a finished file starts with. */
  static root(buffer: ByteBuffer): Table {
    return new Table(buffer, follow(buffer, 0))
  }

  uint8(field: number): number {
    const at = this.find(field, 1)
    return at === 0 ? 0 : this.buffer.readUint8(at)
  }

  int32(field: number, otherwise = 0): number {
    const at = this.find(field, 4)
    return at === 0 ? otherwise : this.buffer.readInt32(at)
  }

  /** An unsigned 64-bit number; Infinity when it is too great for a size or a place in a file. */
  size(field: number): number {
    const at = this.find(field, 8)
    if (at === 0) return 0
    return this.buffer.readUint32(at + 4) > 0 ? Number.POSITIVE_INFINITY : this.buffer.readUint32(at)
  }

  /** UTF-8; what is longer than `TEXT_BYTES` is cut off. */
  text(field: number): string {
    return new TextDecoder().decode(this.bytes(field)?.subarray(0, TEXT_BYTES))
  }

  /** A view of a vector of bytes. */
  bytes(field: number): Uint8Array | undefined {
    const vector = this.vector(field, 1)
    return vector && this.buffer.bytes().subarray(vector.from, vector.from + vector.count)
  }

  int32s(field: number, limit: number): number[] | undefined {
    return this.map(field, 4, limit, (at) => this.buffer.readInt32(at))
  }

  float32s(field: number, limit: number): number[] | undefined {
    return this.map(field, 4, limit, (at) => this.buffer.readFloat32(at))
  }

  int64s(field: number, limit: number): number[] | undefined {
    return this.map(field, 8, limit, (at) => Number(this.buffer.readInt64(at)))
  }

  table(field: number): Table | undefined {
    const at = this.find(field, OFFSET)
    return at === 0 ? undefined : new Table(this.buffer, follow(this.buffer, at))
  }

  tables(field: number, limit: number): Table[] {
    return this.map(field, OFFSET, limit, (at) => new Table(this.buffer, follow(this.buffer, at))) ?? []
  }

  /** The limit counts because a small file can name one long vector many times. */
  private map<T>(field: number, size: number, limit: number, read: (at: number) => T): T[] | undefined {
    const vector = this.vector(field, size)
    if (vector === undefined) return undefined
    const { from, count } = vector
    if (count > limit) throw new TfliteError('too_large', `a list of ${count} entries is longer than ${limit}`)
    return Array.from({ length: count }, (_, i) => read(from + i * size))
  }

  private vector(field: number, size: number): { from: number; count: number } | undefined {
    const at = this.find(field, OFFSET)
    if (at === 0) return undefined
    const vector = follow(this.buffer, at)
    check(this.buffer, vector, 4)
    const count = this.buffer.readUint32(vector)
    check(this.buffer, vector + 4, count * size)
    return { from: vector + 4, count }
  }

  /** Where a field of `size` bytes stands, or 0 when it is absent. */
  private find(field: number, size: number): number {
    const slot = 4 + 2 * field
    if (slot + 2 > this.vtableBytes) return 0
    const offset = this.buffer.readUint16(this.vtable + slot)
    if (offset === 0) return 0
    check(this.buffer, this.at + offset, size)
    return this.at + offset
  }
}

function follow(buffer: ByteBuffer, at: number): number {
  check(buffer, at, OFFSET)
  return at + buffer.readUint32(at)
}

function check(buffer: ByteBuffer, at: number, bytes: number): void {
  if (at < 0 || at + bytes > buffer.capacity()) {
    throw new TfliteError('corrupt', `damaged or truncated: ${bytes} bytes at ${at} of ${buffer.capacity()}`)
  }
}
