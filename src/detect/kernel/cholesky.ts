/** Solves the ridge equations in float64. Small (a few hundred unknowns) next to accumulating them. */

/**
 * Given G with row stride `stride`, whose upper triangle holds X^T X in columns 0..inputs-1 and X^T Y in
 * the `outputs` columns after them, returns W [outputs][inputs] with (X^T X + lambda I) W^T = X^T Y.
 */
export function solveNormal(
  g: Float64Array,
  stride: number,
  inputs: number,
  outputs: number,
  lambda: number,
): Float32Array {
  const factor = choleskyFactor(g, stride, inputs, lambda)
  const weights = new Float32Array(outputs * inputs)
  const column = new Float64Array(inputs)
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) column[i] = g[i * stride + inputs + o] as number
    solveInPlace(factor, inputs, column)
    weights.set(column, o * inputs)
  }
  return weights
}

/** Lower triangular L, row-major [n][n], with L L^T = upper triangle of G + lambda I. */
function choleskyFactor(g: Float64Array, stride: number, n: number, lambda: number): Float64Array {
  const l = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = g[j * stride + i] as number
      if (i === j) sum += lambda
      for (let k = 0; k < j; k++) sum -= (l[i * n + k] as number) * (l[j * n + k] as number)
      l[i * n + j] = i === j ? pivot(sum, i, g[i * stride + i] as number) : sum / (l[j * n + j] as number)
    }
  }
  return l
}

/** A pivot lost to cancellation means linearly dependent columns: the result would be noise. */
function pivot(square: number, column: number, original: number): number {
  if (square > 1e-13 * original) return Math.sqrt(square)
  throw new RangeError(`normal equations are not positive definite at column ${column}: use a larger lambda`)
}

/** Replaces b by the solution of L L^T x = b. */
function solveInPlace(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i] as number
    for (let k = 0; k < i; k++) sum -= (l[i * n + k] as number) * (b[k] as number)
    b[i] = sum / (l[i * n + i] as number)
  }
  for (let i = n - 1; i >= 0; i--) {
    const x = (b[i] as number) / (l[i * n + i] as number)
    b[i] = x
    for (let k = 0; k < i; k++) b[k] = (b[k] as number) - (l[i * n + k] as number) * x
  }
}
