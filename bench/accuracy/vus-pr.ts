import { descending } from './auc.ts'
import { labels, type Segment } from './dataset.ts'

/** Thresholds on each curve: this many ranks, evenly spaced from the highest score to the lowest. */
const THRESHOLDS = 250

/**
 * Volume under the precision–recall surface: the mean over buffer widths 0…`buffer` of the range-based average precision.
 *
 * With width w each segment gets shoulders of ⌊w/2⌋ rows, whose label at distance x is √(1 − x/w) (overlaps add up to at
 * most 1). At one threshold the hits are TP = Σ label over alarmed rows; precision is TP over alarmed rows; recall is
 * min(1, TP / (P + ½ Σ label over alarmed shoulder rows)) times the share of widened segments with an alarm, where
 * P counts the rows of the bare segments and segments whose shoulders touch are one. The area is Σ Δrecall · precision
 * from (0, 1).
 * Source: Paparrizos et al., "Volume Under the Surface", PVLDB 15 (2022), in the form of TSB-AD (Liu & Paparrizos,
 * NeurIPS 2024), whose numbers this gives. A row's rank says for which thresholds it is alarmed, so one pass over the
 * shoulders per width is enough.
 *
 * @param segments ascending, not touching, both ends inside
 * @param buffer largest width in rows, ≥ 0; here 100 minutes
 * @returns 0–1
 * @throws {RangeError} when a score is NaN or there is no segment
 */
export function vusPr(scores: ArrayLike<number>, segments: readonly Segment[], buffer: number): number {
  if (segments.length === 0) throw new RangeError('without a segment there is no curve')
  const ranks = firstAlarmed(scores)
  const inside = labels(segments, scores.length)
  const alarmed = cumulated((bins) => {
    for (const rank of ranks) bins[rank]++
  })
  const hits = cumulated((bins) => {
    for (let i = 0; i < ranks.length; i++) bins[ranks[i]] += inside[i]
  })
  const positives = inside.reduce((sum, label) => sum + label, 0)
  let total = 0
  for (let width = 0; width <= buffer; width++) {
    const shoulders = shoulderLabels(segments, inside, width)
    const soft = cumulated((bins) => {
      for (const [row, label] of shoulders) bins[ranks[row]] += label
    })
    const existence = existenceRatios(widen(segments, width, scores.length), ranks)
    total += area({ alarmed, hits, positives, soft, existence })
  }
  return total / (buffer + 1)
}

/** By row: the first threshold, counted from the highest, at which the row is alarmed. */
function firstAlarmed(scores: ArrayLike<number>): Int32Array {
  const order = descending(scores)
  const n = scores.length
  const ranks = new Int32Array(n)
  let row = 0
  for (let threshold = 0; threshold < THRESHOLDS; threshold++) {
    // NumPy's linspace, truncated; multiplied by the step, as there, so that the ranks come out the same.
    const rank = threshold === THRESHOLDS - 1 ? n - 1 : Math.trunc(threshold * ((n - 1) / (THRESHOLDS - 1)))
    const value = scores[order[rank]]
    for (; row < n && scores[order[row]] >= value; row++) ranks[order[row]] = threshold
  }
  return ranks
}

/** Sums of what `fill` puts into the thresholds' bins, from the highest threshold down. */
function cumulated(fill: (bins: Float64Array) => void): Float64Array {
  const bins = new Float64Array(THRESHOLDS)
  fill(bins)
  for (let k = 1; k < THRESHOLDS; k++) bins[k] += bins[k - 1]
  return bins
}

/** Labels in (0, 1] of the rows beside the segments. */
function shoulderLabels(segments: readonly Segment[], inside: Uint8Array, width: number): Map<number, number> {
  const result = new Map<number, number>()
  const add = (row: number, distance: number) => {
    if (row < 0 || row >= inside.length || inside[row] === 1) return
    result.set(row, Math.min(1, (result.get(row) ?? 0) + Math.sqrt(1 - distance / width)))
  }
  for (const [start, end] of segments) {
    for (let distance = 1; distance <= Math.floor(width / 2); distance++) {
      add(end + distance, distance)
      add(start - distance, distance)
    }
  }
  return result
}

/** Segments with their shoulders; those whose shoulders touch are one. */
function widen(segments: readonly Segment[], width: number, rows: number): Segment[] {
  const half = Math.floor(width / 2)
  const result: [number, number][] = []
  for (const [start, end] of segments) {
    const last = result.at(-1)
    if (last !== undefined && last[1] >= start - half) last[1] = end + half
    else result.push([Math.max(0, start - half), end + half])
  }
  return result.map(([start, end]) => [start, Math.min(end, rows - 1)])
}

/** By threshold: the share of the ranges with an alarmed row. */
function existenceRatios(ranges: readonly Segment[], ranks: Int32Array): Float64Array {
  return cumulated((bins) => {
    for (const [start, end] of ranges) {
      let first = THRESHOLDS - 1
      for (let row = start; row <= end; row++) if (ranks[row] < first) first = ranks[row]
      bins[first] += 1 / ranges.length
    }
  })
}

interface Curve {
  readonly alarmed: Float64Array
  readonly hits: Float64Array
  readonly positives: number
  readonly soft: Float64Array
  readonly existence: Float64Array
}

function area({ alarmed, hits, positives, soft, existence }: Curve): number {
  let sum = 0
  let before = 0
  for (let k = 0; k < THRESHOLDS; k++) {
    const found = hits[k] + soft[k]
    const recall = Math.min(1, found / (positives + soft[k] / 2)) * existence[k]
    sum += (recall - before) * (found / alarmed[k])
    before = recall
  }
  return sum
}
