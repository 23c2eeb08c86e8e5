const EULER_MASCHERONI = 0.5772156649015329

/**
 * Average depth of an unsuccessful search in a binary tree of `n` samples: the yardstick that turns a raw path length
 * into an anomaly score.
 *
 * Formula: c(n) = 2·H(n−1) − 2(n−1)/n, with H(i) ≈ ln i + γ; c(1) = 0, c(2) = 1.
 * Source: Liu, Ting & Zhou, "Isolation Forest", ICDM 2008, eq. 1.
 *
 * @param n sub-sample size, an integer ≥ 1
 * @returns depth in edges, ≥ 0
 * @throws {RangeError} when `n` is not a positive integer
 */
export function averagePathLength(n: number): number {
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`sub-sample size must be a positive integer, got ${n}`)
  if (n === 1) return 0
  if (n === 2) return 1
  return 2 * (Math.log(n - 1) + EULER_MASCHERONI) - (2 * (n - 1)) / n
}
