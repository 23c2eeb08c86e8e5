/**
 * Eigenvalues, largest first, and unit eigenvectors of a symmetric matrix: cyclic Jacobi rotations until the off-diagonal
 * part is gone. Source: Golub & Van Loan, Matrix Computations, §8.5.
 *
 * @param matrix n × n; left as it is
 */
export function eigenSymmetric(matrix: readonly Float64Array[]): { values: number[]; vectors: Float64Array[] } {
  const n = matrix.length
  const a = matrix.map((row) => row.slice())
  const v = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)))
  for (let sweep = 0; sweep < 60 && offDiagonal(a) > 1e-22; sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, p, q)
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j][j] - a[i][i])
  return { values: order.map((i) => a[i][i]), vectors: order.map((i) => v[i]) }
}

/** Squares off the diagonal as a share of all. */
function offDiagonal(a: readonly Float64Array[]): number {
  let off = 0
  let all = Number.MIN_VALUE
  for (const [i, row] of a.entries()) {
    for (const [j, value] of row.entries()) {
      all += value * value
      if (i !== j) off += value * value
    }
  }
  return off / all
}

/** Makes a[p][q] zero. Rows of `v` become the eigenvectors. */
function rotate(a: Float64Array[], v: Float64Array[], p: number, q: number): void {
  if (a[p][q] === 0) return
  const theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  for (let k = 0; k < a.length; k++) {
    const [kp, kq] = [a[k][p], a[k][q]]
    a[k][p] = c * kp - s * kq
    a[k][q] = s * kp + c * kq
  }
  for (let k = 0; k < a.length; k++) {
    const [pk, qk] = [a[p][k], a[q][k]]
    a[p][k] = c * pk - s * qk
    a[q][k] = s * pk + c * qk
    const [vp, vq] = [v[p][k], v[q][k]]
    v[p][k] = c * vp - s * vq
    v[q][k] = s * vp + c * vq
  }
}
