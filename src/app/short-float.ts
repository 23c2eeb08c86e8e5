const single = new Float32Array(1)
const bits = new Uint32Array(single.buffer)

/** No number. */
export const NOTHING = 0xffff

/**
 * A number ≥ 0 in 16 bits: the exponent of single precision, and 8 bits behind it, so that it is true to 0.2 % from
 * 1e-38 to 1e38. What is no number, or below 0, is `NOTHING`.
 */
export function encodeShort(value: number): number {
  if (!(value >= 0)) return NOTHING
  single[0] = value
  // The sign is 0; half a step more rounds to the nearest.
  return (bits[0] + 0x4000) >>> 15
}

/** @returns NaN for `NOTHING` */
export function decodeShort(code: number): number {
  bits[0] = code << 15
  return single[0]
}
