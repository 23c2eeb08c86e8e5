/** 1.5 · 2²³: adding it to a float32 of modest size leaves no bits after the point. */
const MAGIC = 12_582_912

/**
 * Nearest integer, halves to the even one, as XNNPACK and C's `rintf` round; `Math.round` takes halves upward.
 *
 * @param value a float32, |value| < 2²²
 */
export function roundHalfEven(value: number): number {
  return Math.fround(value + MAGIC) - MAGIC
}

/** Rounds into int8, saturating. The bounds come first because rounding holds only for modest values. */
export function toInt8(value: number, zeroPoint: number, min = -128, max = 127): number {
  const centred = Math.max(min - zeroPoint, Math.min(max - zeroPoint, value))
  return roundHalfEven(centred) + zeroPoint
}
