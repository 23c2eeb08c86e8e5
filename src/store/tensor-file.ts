import { createHash } from 'node:crypto'
import type { Tensor } from '../domain/tensors.ts'

/** `corrupt`: damaged bytes. `version`: written by another release. */
export class TensorFileError extends Error {
  override readonly name = 'TensorFileError'
  readonly reason: 'corrupt' | 'version'

  constructor(reason: 'corrupt' | 'version', message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

const ARRAYS = { f32: Float32Array, f64: Float64Array, i32: Int32Array, i16: Int16Array, u16: Uint16Array } as const
type ArrayKind = keyof typeof ARRAYS

const RELEASE = 1
const DIGEST_BYTES = 32
const ALIGNMENT = 8

/** A text for people and programs, and the numbers that go with it. */
export interface TensorFile<Header> {
  readonly header: Header
  readonly tensors: Readonly<Record<string, Tensor>>
}

interface Contents {
  readonly header: unknown
  readonly tensors: readonly { readonly name: string; readonly kind: ArrayKind; readonly length: number }[]
}

/**
 * A file as bytes.
 *
 * Layout: a line with the kind of file and the release of the format, a SHA-256 of all that follows it, the length of the
 * contents' description as uint32 (little endian), that description as JSON, then the tensors one after the other, each
 * padded to 8 bytes.
 *
 * @param kind one word, such as `model`
 */
export function encodeTensorFile<Header>(kind: string, { header, tensors }: TensorFile<Header>): Buffer {
  const entries = Object.entries(tensors)
  const contents: Contents = {
    header,
    tensors: entries.map(([name, tensor]) => ({ name, kind: kindOf(tensor), length: tensor.length })),
  }
  const json = Buffer.from(JSON.stringify(contents))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  const body = Buffer.concat([length, json, ...entries.map(([, tensor]) => padded(tensor))])
  return Buffer.concat([magic(kind), createHash('sha256').update(body).digest(), body])
}

/** @throws {TensorFileError} when the bytes are not a whole, undamaged file of this kind and release */
export function decodeTensorFile<Header>(kind: string, bytes: Uint8Array): TensorFile<Header> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const family = Buffer.from(familyOf(kind))
  if (!file.subarray(0, family.length).equals(family)) {
    throw new TensorFileError('corrupt', `this is not a Homeostat ${kind}`)
  }
  const start = magic(kind).length
  if (!file.subarray(0, start).equals(magic(kind))) {
    throw new TensorFileError('version', `the ${kind} was written by another release of Homeostat`)
  }
  const digest = file.subarray(start, start + DIGEST_BYTES)
  const body = file.subarray(start + DIGEST_BYTES)
  if (!createHash('sha256').update(body).digest().equals(digest)) {
    throw new TensorFileError('corrupt', 'the checksum does not match: the file is damaged or cut short')
  }
  const jsonLength = body.readUInt32LE(0)
  const contents = JSON.parse(body.toString('utf8', 4, 4 + jsonLength)) as Contents
  let offset = 4 + jsonLength
  const tensors: Record<string, Tensor> = {}
  for (const { name, kind: array, length } of contents.tensors) {
    const size = length * ARRAYS[array].BYTES_PER_ELEMENT
    const copy = new Uint8Array(body.subarray(offset, offset + size))
    tensors[name] = new ARRAYS[array](copy.buffer)
    offset += size + padding(size)
  }
  return { header: contents.header as Header, tensors }
}

function familyOf(kind: string): string {
  return `homeostat-${kind} `
}

function magic(kind: string): Buffer {
  return Buffer.from(`${familyOf(kind)}${RELEASE}\n`)
}

function kindOf(tensor: Tensor): ArrayKind {
  const kind = (Object.keys(ARRAYS) as ArrayKind[]).find((name) => tensor instanceof ARRAYS[name])
  if (kind === undefined) throw new TypeError('a tensor must be a float32, float64, int32, int16 or uint16 array')
  return kind
}

function padded(tensor: Tensor): Buffer {
  const bytes = Buffer.from(tensor.buffer, tensor.byteOffset, tensor.byteLength)
  return Buffer.concat([bytes, Buffer.alloc(padding(bytes.length))])
}

function padding(size: number): number {
  return (ALIGNMENT - (size % ALIGNMENT)) % ALIGNMENT
}
