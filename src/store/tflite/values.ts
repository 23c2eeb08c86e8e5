import { TfliteError } from './error.ts'
import type { Tensor } from './graph.ts'
import type { Affine } from './kernels/int8.ts'
import { TYPE, TYPE_NAMES } from './schema.ts'

/** Number of values of a shape. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((all, size) => all * size, 1)
}

/** The bytes of a constant, checked against its shape. */
function bytesOf(tensor: Tensor, width: number): DataView {
  const data = tensor.data ?? new Uint8Array(0)
  const expected = elementsOf(tensor.shape) * width
  if (data.length !== expected) {
    throw new TfliteError('corrupt', `tensor "${tensor.name}" has ${data.length} bytes, not ${expected}`)
  }
  return new DataView(data.buffer, data.byteOffset, data.length)
}

/** float32, or float16 and int8 turned into it. */
export function realConstant(tensor: Tensor): Float32Array {
  const length = elementsOf(tensor.shape)
  if (tensor.type === TYPE.float32) {
    const bytes = bytesOf(tensor, 4)
    return Float32Array.from({ length }, (_, i) => bytes.getFloat32(i * 4, true))
  }
  if (tensor.type === TYPE.float16) {
    const bytes = bytesOf(tensor, 2)
    return Float32Array.from({ length }, (_, i) => halfToNumber(bytes.getUint16(i * 2, true)))
  }
  const stored = int8Constant(tensor)
  const rows = rowScales(tensor, tensor.shape[0] ?? 1)
  const width = length / rows.length
  return stored.length === 0
    ? new Float32Array(0)
    : Float32Array.from(stored, (q, i) => q * rows[Math.floor(i / width)])
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

export function int8Constant(tensor: Tensor): Int8Array {
  assertType(tensor, TYPE.int8)
  const bytes = bytesOf(tensor, 1)
  return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice()
}

export function int32Constant(tensor: Tensor): Int32Array {
  assertType(tensor, TYPE.int32)
  const bytes = bytesOf(tensor, 4)
  return Int32Array.from({ length: bytes.byteLength / 4 }, (_, i) => bytes.getInt32(i * 4, true))
}

/** The scale of each row of a symmetric int8 matrix: one for all is spread over them. */
export function rowScales(tensor: Tensor, rows: number): Float32Array {
  const { scales, zeroPoints, dimension } = quantizationOf(tensor)
  if (zeroPoints.some((zero) => zero !== 0)) {
    throw new TfliteError('unsupported', `weights "${tensor.name}" have a zero point: symmetric ones are supported`)
  }
  if (scales.length === 1) return new Float32Array(rows).fill(scales[0])
  if (scales.length !== rows || dimension !== 0) {
    throw new TfliteError(
      'unsupported',
      `weights "${tensor.name}" have ${scales.length} scales along dimension ${dimension}`,
    )
  }
  return scales
}

/** The one scale and zero point of an int8 activation. */
export function affineOf(tensor: Tensor): Affine {
  assertType(tensor, TYPE.int8)
  const { scales, zeroPoints } = quantizationOf(tensor)
  const [zeroPoint = 0] = zeroPoints
  if (scales.length !== 1 || zeroPoint < -128 || zeroPoint > 127) {
    throw new TfliteError('unsupported', `tensor "${tensor.name}" needs one scale and an int8 zero point`)
  }
  return { scale: scales[0], zeroPoint }
}

function quantizationOf(tensor: Tensor): NonNullable<Tensor['quantization']> {
  if (tensor.quantization === undefined) {
    throw new TfliteError('corrupt', `int8 tensor "${tensor.name}" has no scale`)
  }
  return tensor.quantization
}

export function assertType(tensor: Tensor, type: number): void {
  if (tensor.type !== type) throw wrongType(tensor, type)
}

export function wrongType(tensor: Tensor, type: number): TfliteError {
  const name = (code: number): string => TYPE_NAMES[code] ?? `type ${code}`
  return new TfliteError(
    'unsupported',
    `tensor "${tensor.name}" is ${name(tensor.type)} where ${name(type)} is supported`,
  )
}
