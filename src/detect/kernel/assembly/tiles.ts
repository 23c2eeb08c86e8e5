// Register tiles: the only loops where time is really spent.
//
// Layout shared by every file in this folder (all numbers float32 unless said otherwise):
//
//   activations   row-major [rows][pad8(width)]; padding columns hold zeros
//   weights       panels of 8 outputs: panel p = [pad4(inputs)][8], holding W[8p..8p+7][k] at row k;
//                 so a tile walks one panel front to back, touching each cache line once
//   bias          [pad8(outputs)], directly after the last panel of its layer
//
// A tile of 4 rows x 8 columns keeps 8 accumulators, 2 weight vectors and 1 broadcast in registers: 11 of
// the 16 vector registers of x86-64, so nothing spills, and each weight loaded is used for 4 rows.
//
// Every forward tile adds its products in the same order (bias first, then k = 0, 1, 2 ...), hence a row
// gives bit-for-bit the same answer whether it is evaluated alone or within a batch.

/** Bytes of one panel row (8 float32). */
export const PANEL_ROW: usize = 32

/** Pointer to 8 zeros, for tiles that start from nothing. */
export const ZEROS: usize = memory.data(32, 16)

/** Rounds up to a whole number of panels. */
export function pad8(width: u32): u32 {
  return (width + 7) & ~7
}

/** Rounds up to a whole number of vectors. */
export function pad4(width: u32): u32 {
  return (width + 3) & ~3
}

/**
 * C[4][8] = start[8] + A[4][depth] * panel[depth][8], optionally clipped below at 0.
 * `aRow` and `cRow` are the row strides of A and C in bytes.
 */
export function tile4x8(
  a: usize,
  aRow: usize,
  depth: u32,
  panel: usize,
  start: usize,
  relu: bool,
  c: usize,
  cRow: usize,
): void {
  let a1 = a + aRow
  let a2 = a1 + aRow
  let a3 = a2 + aRow
  let c00 = v128.load(start)
  let c01 = v128.load(start, 16)
  let c10 = c00
  let c11 = c01
  let c20 = c00
  let c21 = c01
  let c30 = c00
  let c31 = c01
  // Two steps per turn: halves the pointer arithmetic, which otherwise competes for issue slots.
  const pairsEnd = a + ((<usize>depth & ~1) << 2)
  while (a < pairsEnd) {
    let w0 = v128.load(panel)
    let w1 = v128.load(panel, 16)
    let x = v128.load32_splat(a)
    c00 = f32x4.add(c00, f32x4.mul(x, w0))
    c01 = f32x4.add(c01, f32x4.mul(x, w1))
    x = v128.load32_splat(a1)
    c10 = f32x4.add(c10, f32x4.mul(x, w0))
    c11 = f32x4.add(c11, f32x4.mul(x, w1))
    x = v128.load32_splat(a2)
    c20 = f32x4.add(c20, f32x4.mul(x, w0))
    c21 = f32x4.add(c21, f32x4.mul(x, w1))
    x = v128.load32_splat(a3)
    c30 = f32x4.add(c30, f32x4.mul(x, w0))
    c31 = f32x4.add(c31, f32x4.mul(x, w1))
    w0 = v128.load(panel, 32)
    w1 = v128.load(panel, 48)
    x = v128.load32_splat(a, 4)
    c00 = f32x4.add(c00, f32x4.mul(x, w0))
    c01 = f32x4.add(c01, f32x4.mul(x, w1))
    x = v128.load32_splat(a1, 4)
    c10 = f32x4.add(c10, f32x4.mul(x, w0))
    c11 = f32x4.add(c11, f32x4.mul(x, w1))
    x = v128.load32_splat(a2, 4)
    c20 = f32x4.add(c20, f32x4.mul(x, w0))
    c21 = f32x4.add(c21, f32x4.mul(x, w1))
    x = v128.load32_splat(a3, 4)
    c30 = f32x4.add(c30, f32x4.mul(x, w0))
    c31 = f32x4.add(c31, f32x4.mul(x, w1))
    a += 8
    a1 += 8
    a2 += 8
    a3 += 8
    panel += 2 * PANEL_ROW
  }
  if (depth & 1) {
    const w0 = v128.load(panel)
    const w1 = v128.load(panel, 16)
    let x = v128.load32_splat(a)
    c00 = f32x4.add(c00, f32x4.mul(x, w0))
    c01 = f32x4.add(c01, f32x4.mul(x, w1))
    x = v128.load32_splat(a1)
    c10 = f32x4.add(c10, f32x4.mul(x, w0))
    c11 = f32x4.add(c11, f32x4.mul(x, w1))
    x = v128.load32_splat(a2)
    c20 = f32x4.add(c20, f32x4.mul(x, w0))
    c21 = f32x4.add(c21, f32x4.mul(x, w1))
    x = v128.load32_splat(a3)
    c30 = f32x4.add(c30, f32x4.mul(x, w0))
    c31 = f32x4.add(c31, f32x4.mul(x, w1))
  }
  if (relu) {
    // pmax(x, 0) is `x < 0 ? 0 : x`: one instruction, and NaN passes through instead of being hidden.
    const zero = f32x4.splat(0)
    c00 = f32x4.pmax(c00, zero)
    c01 = f32x4.pmax(c01, zero)
    c10 = f32x4.pmax(c10, zero)
    c11 = f32x4.pmax(c11, zero)
    c20 = f32x4.pmax(c20, zero)
    c21 = f32x4.pmax(c21, zero)
    c30 = f32x4.pmax(c30, zero)
    c31 = f32x4.pmax(c31, zero)
  }
  v128.store(c, c00)
  v128.store(c, c01, 16)
  c += cRow
  v128.store(c, c10)
  v128.store(c, c11, 16)
  c += cRow
  v128.store(c, c20)
  v128.store(c, c21, 16)
  c += cRow
  v128.store(c, c30)
  v128.store(c, c31, 16)
}

/** C[1][8] = start[8] + A[1][depth] * panel[depth][8]: the left-over row and panel. */
export function tile1x8(a: usize, depth: u32, panel: usize, start: usize, relu: bool, c: usize): void {
  let c0 = v128.load(start)
  let c1 = v128.load(start, 16)
  const end = a + ((<usize>depth) << 2)
  while (a < end) {
    const x = v128.load32_splat(a)
    c0 = f32x4.add(c0, f32x4.mul(x, v128.load(panel)))
    c1 = f32x4.add(c1, f32x4.mul(x, v128.load(panel, 16)))
    a += 4
    panel += PANEL_ROW
  }
  if (relu) {
    const zero = f32x4.splat(0)
    c0 = f32x4.pmax(c0, zero)
    c1 = f32x4.pmax(c1, zero)
  }
  v128.store(c, c0)
  v128.store(c, c1, 16)
}

/**
 * C[1][24] = start[24] + A[1][depth] * three neighbouring panels, `panelBytes` apart.
 * For a model that sees one row only: six independent sums hide the latency of the additions, so
 * reading the weights is what takes the time.
 */
export function tile1x24(
  a: usize,
  depth: u32,
  panel: usize,
  panelBytes: usize,
  start: usize,
  relu: bool,
  c: usize,
): void {
  let second = panel + panelBytes
  let third = second + panelBytes
  let c0 = v128.load(start)
  let c1 = v128.load(start, 16)
  let c2 = v128.load(start, 32)
  let c3 = v128.load(start, 48)
  let c4 = v128.load(start, 64)
  let c5 = v128.load(start, 80)
  const end = a + ((<usize>depth) << 2)
  while (a < end) {
    const x = v128.load32_splat(a)
    c0 = f32x4.add(c0, f32x4.mul(x, v128.load(panel)))
    c1 = f32x4.add(c1, f32x4.mul(x, v128.load(panel, 16)))
    c2 = f32x4.add(c2, f32x4.mul(x, v128.load(second)))
    c3 = f32x4.add(c3, f32x4.mul(x, v128.load(second, 16)))
    c4 = f32x4.add(c4, f32x4.mul(x, v128.load(third)))
    c5 = f32x4.add(c5, f32x4.mul(x, v128.load(third, 16)))
    a += 4
    panel += PANEL_ROW
    second += PANEL_ROW
    third += PANEL_ROW
  }
  if (relu) {
    const zero = f32x4.splat(0)
    c0 = f32x4.pmax(c0, zero)
    c1 = f32x4.pmax(c1, zero)
    c2 = f32x4.pmax(c2, zero)
    c3 = f32x4.pmax(c3, zero)
    c4 = f32x4.pmax(c4, zero)
    c5 = f32x4.pmax(c5, zero)
  }
  v128.store(c, c0)
  v128.store(c, c1, 16)
  v128.store(c, c2, 32)
  v128.store(c, c3, 48)
  v128.store(c, c4, 64)
  v128.store(c, c5, 80)
}

/**
 * C[4][8] = sum over r of A[r][0..3] (outer product) B[r][0..7]; C is one piece of a gradient panel
 * (row stride PANEL_ROW). `aRow` and `bRow` are row strides in bytes.
 */
export function outer4x8(a: usize, aRow: usize, b: usize, bRow: usize, rows: u32, c: usize): void {
  let c00 = f32x4.splat(0)
  let c01 = c00
  let c10 = c00
  let c11 = c00
  let c20 = c00
  let c21 = c00
  let c30 = c00
  let c31 = c00
  for (; rows; rows--) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    let x = v128.load32_splat(a)
    c00 = f32x4.add(c00, f32x4.mul(x, b0))
    c01 = f32x4.add(c01, f32x4.mul(x, b1))
    x = v128.load32_splat(a, 4)
    c10 = f32x4.add(c10, f32x4.mul(x, b0))
    c11 = f32x4.add(c11, f32x4.mul(x, b1))
    x = v128.load32_splat(a, 8)
    c20 = f32x4.add(c20, f32x4.mul(x, b0))
    c21 = f32x4.add(c21, f32x4.mul(x, b1))
    x = v128.load32_splat(a, 12)
    c30 = f32x4.add(c30, f32x4.mul(x, b0))
    c31 = f32x4.add(c31, f32x4.mul(x, b1))
    a += aRow
    b += bRow
  }
  v128.store(c, c00)
  v128.store(c, c01, 16)
  v128.store(c, c10, 32)
  v128.store(c, c11, 48)
  v128.store(c, c20, 64)
  v128.store(c, c21, 80)
  v128.store(c, c30, 96)
  v128.store(c, c31, 112)
}
