// The logistic function on four lanes, with an exponential of our own (relative error below 3e-7).

/**
 * The constants, broadcast from memory where needed: V8 builds a vector literal anew in every turn of a
 * loop, at several instructions each, while such a load is one (a quarter off the time of this function).
 */
const TABLE: usize = memory.data<f32>(
  [
    // biome-ignore lint/suspicious/noApproximativeNumericConstant: memory.data takes literals only
    87, -87, 1.44269504, 12582912, 0.693359375, -2.1219444e-4, 1, 0.5, 0.16666667, 0.041666667, 0.0083333333,
    0.0013888889,
  ],
  16,
)
// Byte offsets into the table.
/** Beyond this |x| the exponential would leave the range of normal float32. */
const LARGEST: usize = 0
const MINUS_LARGEST: usize = 4
/** 1 / ln 2 */
const LOG2_E: usize = 8
/** 1.5 * 2^23: adding it leaves round(x) in the low mantissa bits, subtracting it again yields round(x). */
const ROUNDER: usize = 12
/** ln 2 in two parts: the first has few enough bits that n * LN2_HIGH is exact for |n| < 512. */
const LN2_HIGH: usize = 16
const LN2_LOW: usize = 20
/** 1; its bits, 127 << 23, are the exponent bias as well. */
const ONE: usize = 24
/** 1 / 2!, 1 / 3! ... 1 / 6! */
const HALF: usize = 28
const SIXTH: usize = 32
const TERM_4: usize = 36
const TERM_5: usize = 40
const TERM_6: usize = 44

/**
 * e^x = 2^n * e^r with n = round(x / ln 2), |r| <= ln(2) / 2. The Taylor polynomial of degree 6 is off by
 * at most r^7 / 7! = 1.2e-7 there. x must lie within +-87; NaN stays NaN.
 */
function exp4(x: v128): v128 {
  const rounder = v128.load32_splat(TABLE, ROUNDER)
  const one = v128.load32_splat(TABLE, ONE)
  const rounded = f32x4.add(f32x4.mul(x, v128.load32_splat(TABLE, LOG2_E)), rounder)
  const n = f32x4.sub(rounded, rounder)
  let r = f32x4.sub(x, f32x4.mul(n, v128.load32_splat(TABLE, LN2_HIGH)))
  r = f32x4.sub(r, f32x4.mul(n, v128.load32_splat(TABLE, LN2_LOW)))
  let p = v128.load32_splat(TABLE, TERM_6)
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, TERM_5))
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, TERM_4))
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, SIXTH))
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(TABLE, HALF))
  p = f32x4.add(f32x4.mul(p, r), one)
  p = f32x4.add(f32x4.mul(p, r), one)
  // Shifting by 23 drops ROUNDER's own bits and adds n to the exponent.
  return f32x4.mul(p, i32x4.add(i32x4.shl(rounded, 23), one))
}

function sigmoid4(x: v128): v128 {
  let minus = f32x4.neg(x)
  minus = f32x4.pmax(minus, v128.load32_splat(TABLE, MINUS_LARGEST))
  minus = f32x4.pmin(minus, v128.load32_splat(TABLE, LARGEST))
  const one = v128.load32_splat(TABLE, ONE)
  return f32x4.div(one, f32x4.add(one, exp4(minus)))
}

/** Replaces `count` numbers (a multiple of 4) at `address` by their logistic function. */
export function sigmoidInPlace(address: usize, count: u32): void {
  const end = address + ((<usize>count) << 2)
  for (; address < end; address += 16) v128.store(address, sigmoid4(v128.load(address)))
}
