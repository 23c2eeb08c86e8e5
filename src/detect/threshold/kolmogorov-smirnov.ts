import { normalProbability } from './normal-distribution.ts'
import { meanAndStd, sortedSample } from './sample.ts'

export interface KolmogorovSmirnov {
  /** Largest distance between the two distribution functions, 0–1. NaN when all values are equal. */
  readonly d: number
  /** Probability of a distance as large as this from normal values, 0.001 at the least resolved, 0–1. */
  readonly p: number
}

/**
 * Kolmogorov–Smirnov test against the normal distribution with the sample's own mean and standard deviation.
 *
 * Because both are taken from the sample, the textbook p-value would call nearly everything normal; this is Lilliefors'
 * test. Stephens' D·(√n − 0.01 + 0.85/√n) has nearly the same distribution for every n; its quantiles below are our own
 * simulation (600,000 samples of 50 and 300,000 of 200 normal values, averaged), within 1 % of those for n = 20 and
 * n = 1,000. Between them ln p is linear in the square of the statistic, beyond them it goes on with the last slope.
 * Equal values have no distance: they count as not normal (d NaN, p 0).
 * Source: H. W. Lilliefors, JASA 62 (1967); M. A. Stephens, JASA 69 (1974), table 1.3.
 *
 * @param sample 3 or more finite numbers; below 10 the p-value is a rough one
 * @throws {RangeError} with fewer, or when one is NaN or infinite
 */
export function kolmogorovSmirnov(sample: ArrayLike<number>): KolmogorovSmirnov {
  const sorted = sortedSample(sample, 3)
  const n = sorted.length
  if (sorted[0] === sorted[n - 1]) return { d: Number.NaN, p: 0 }
  const { mean, std } = meanAndStd(sorted)
  let d = 0
  for (let i = 0; i < n; i++) {
    const expected = normalProbability((sorted[i] - mean) / std)
    d = Math.max(d, (i + 1) / n - expected, expected - i / n)
  }
  return { d, p: probability(d * (Math.sqrt(n) - 0.01 + 0.85 / Math.sqrt(n))) }
}

/** [modified statistic, p], ascending. */
const QUANTILES: readonly (readonly [number, number])[] = [
  [0.3146, 0.999],
  [0.3635, 0.99],
  [0.4175, 0.95],
  [0.4512, 0.9],
  [0.4976, 0.8],
  [0.5351, 0.7],
  [0.57, 0.6],
  [0.6054, 0.5],
  [0.6435, 0.4],
  [0.6869, 0.3],
  [0.7125, 0.25],
  [0.7417, 0.2],
  [0.7773, 0.15],
  [0.824, 0.1],
  [0.8554, 0.075],
  [0.8971, 0.05],
  [0.9637, 0.025],
  [1.0438, 0.01],
  [1.1006, 0.005],
  [1.2224, 0.001],
]

function probability(modified: number): number {
  if (modified <= QUANTILES[0][0]) return 1
  let above = QUANTILES.findIndex(([quantile]) => modified < quantile)
  if (above < 0) above = QUANTILES.length - 1
  const [lowT, lowP] = QUANTILES[above - 1]
  const [highT, highP] = QUANTILES[above]
  const share = (modified ** 2 - lowT ** 2) / (highT ** 2 - lowT ** 2)
  return lowP * (highP / lowP) ** share
}
