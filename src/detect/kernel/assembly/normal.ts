// Normal equations of least squares in float64: G[inputs][inputs + outputs] += X^T [X | Y].
//
// Rows come as float32 and are widened once per block into Z = [X | Y], float64, [BLOCK][pad4(width)];
// a tile of 4 x 4 sums then runs over the block with its 8 accumulators in registers. Of X^T X only the
// tiles on and right of the diagonal are computed; the host mirrors them when it solves.

/** Rows widened at a time: the block stays close to the L1 cache for up to ~200 columns. */
export const NORMAL_BLOCK: u32 = 32

/** Widens one float32 row piece of `count` numbers. */
function widen(from: usize, count: u32, to: usize): void {
  for (let j: u32 = 0; j < count; j++) {
    store<f64>(to + ((<usize>j) << 3), <f64>load<f32>(from + ((<usize>j) << 2)))
  }
}

/** G[4][4] += sum over r of Z[r][i..i+3] (outer product) Z[r][j..j+3]; strides in bytes. */
function outer4x4(zi: usize, zj: usize, zRow: usize, rows: u32, g: usize, gRow: usize): void {
  const g1 = g + gRow
  const g2 = g1 + gRow
  const g3 = g2 + gRow
  let c00 = v128.load(g)
  let c01 = v128.load(g, 16)
  let c10 = v128.load(g1)
  let c11 = v128.load(g1, 16)
  let c20 = v128.load(g2)
  let c21 = v128.load(g2, 16)
  let c30 = v128.load(g3)
  let c31 = v128.load(g3, 16)
  for (; rows; rows--) {
    const b0 = v128.load(zj)
    const b1 = v128.load(zj, 16)
    let x = v128.load64_splat(zi)
    c00 = f64x2.add(c00, f64x2.mul(x, b0))
    c01 = f64x2.add(c01, f64x2.mul(x, b1))
    x = v128.load64_splat(zi, 8)
    c10 = f64x2.add(c10, f64x2.mul(x, b0))
    c11 = f64x2.add(c11, f64x2.mul(x, b1))
    x = v128.load64_splat(zi, 16)
    c20 = f64x2.add(c20, f64x2.mul(x, b0))
    c21 = f64x2.add(c21, f64x2.mul(x, b1))
    x = v128.load64_splat(zi, 24)
    c30 = f64x2.add(c30, f64x2.mul(x, b0))
    c31 = f64x2.add(c31, f64x2.mul(x, b1))
    zi += zRow
    zj += zRow
  }
  v128.store(g, c00)
  v128.store(g, c01, 16)
  v128.store(g1, c10)
  v128.store(g1, c11, 16)
  v128.store(g2, c20)
  v128.store(g2, c21, 16)
  v128.store(g3, c30)
  v128.store(g3, c31, 16)
}

/**
 * Adds `rows` rows. x [rows][inputs] and y [rows][outputs] are unpadded float32; z is the block buffer,
 * zeroed by the host (its padding columns must be 0); g is [pad4(inputs)][pad4(inputs + outputs)] float64.
 */
export function addNormal(x: usize, y: usize, rows: u32, inputs: u32, outputs: u32, z: usize, g: usize): void {
  const gRow = (<usize>((inputs + outputs + 3) & ~3)) << 3
  const inputBytes = (<usize>inputs) << 3
  while (rows) {
    const block = min(rows, NORMAL_BLOCK)
    for (let r: u32 = 0; r < block; r++) {
      const to = z + <usize>r * gRow
      widen(x, inputs, to)
      widen(y, outputs, to + inputBytes)
      x += (<usize>inputs) << 2
      y += (<usize>outputs) << 2
    }
    for (let i: usize = 0; i < inputBytes; i += 32) {
      const row = g + (i >> 3) * gRow
      for (let j: usize = i; j < gRow; j += 32) outer4x4(z + i, z + j, gRow, block, row + j, gRow)
    }
    rows -= block
  }
}
