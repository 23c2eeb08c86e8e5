/** Point-wise measures of a score against labels. */
export interface PointMeasures {
  /** Average precision: Σ (recall step) · precision over all distinct thresholds, as scikit-learn defines it. */
  readonly aucPr: number
  /** Probability that an anomalous row scores above a normal one, ties half. */
  readonly aucRoc: number
  /** Best F1 over all distinct thresholds. */
  readonly bestF1: number
}

/**
 * AUC-PR, AUC-ROC and best F1; an alarm is a score at or above a threshold.
 *
 * @param inside 1 for an anomalous row, 0 for a normal one
 * @throws {RangeError} for unequal lengths, a score that is NaN, or rows of one kind only
 */
export function pointMeasures(scores: ArrayLike<number>, inside: ArrayLike<number>): PointMeasures {
  const order = descending(scores)
  if (inside.length !== scores.length) throw new RangeError(`${inside.length} labels for ${scores.length} scores`)
  let positives = 0
  for (let i = 0; i < inside.length; i++) positives += inside[i]
  const negatives = scores.length - positives
  if (positives === 0 || negatives === 0) throw new RangeError('labels of one kind only have no curve')
  let hits = 0
  let aucPr = 0
  let concordant = 0
  let bestF1 = 0
  for (let i = 0; i < order.length; ) {
    const tie = scores[order[i]]
    const [hitsBefore, rowsBefore] = [hits, i]
    for (; i < order.length && scores[order[i]] === tie; i++) hits += inside[order[i]]
    const found = hits - hitsBefore
    const wrong = i - rowsBefore - found
    aucPr += (found / positives) * (hits / i)
    concordant += wrong * (hitsBefore + found / 2)
    bestF1 = Math.max(bestF1, (2 * hits) / (i + positives))
  }
  return { aucPr, aucRoc: concordant / (positives * negatives), bestF1 }
}

/** Rows by score, highest first. @throws {RangeError} when a score is NaN */
export function descending(scores: ArrayLike<number>): Int32Array {
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) throw new RangeError(`the score of row ${i} is NaN`)
  }
  return Int32Array.from(scores, (_, i) => i).sort((a, b) =>
    scores[b] === scores[a] ? 0 : scores[b] > scores[a] ? 1 : -1,
  )
}
