/**
 * Quantile of sorted values, linear between neighbours (Hyndman & Fan 1996, type 7, as in numpy and R).
 *
 * @param sorted ascending, not empty
 * @param p 0–1
 */
export function quantileOf(sorted: ArrayLike<number>, p: number): number {
  const position = p * (sorted.length - 1)
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}
