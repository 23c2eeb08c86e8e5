/** One reading in time; `value` is null where nothing is known. */
export interface Sample {
  /** ms since the epoch */
  readonly at: number
  readonly value: number | null
}

/** A stretch of the ribbon under a chart. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly anomalous: boolean
}

/** Readings further apart than so many steps have a hole between them. */
const HOLE_STEPS = 2.5

/**
 * What was anomalous when, as stretches: a reading counts until the next one, and for one step where there is a hole.
 * Times without a verdict belong to no stretch.
 *
 * @param points in the order of time
 * @param stepMs usual distance of two points
 */
export function spansOf(
  points: readonly { readonly at: number; readonly anomalous: boolean | null }[],
  stepMs: number,
): Span[] {
  const spans: Span[] = []
  for (const [i, { at, anomalous }] of points.entries()) {
    if (anomalous === null) continue
    const next = points[i + 1]?.at ?? Number.POSITIVE_INFINITY
    const to = next - at > HOLE_STEPS * stepMs ? at + stepMs : next
    const last = spans.at(-1)
    if (last?.anomalous === anomalous && last.to === at) spans[spans.length - 1] = { ...last, to }
    else spans.push({ from: at, to, anomalous })
  }
  return spans
}

/** The samples with a null in every hole, so that no line is drawn across what nobody knows. */
export function withHoles(samples: readonly Sample[], stepMs: number): Sample[] {
  const all: Sample[] = []
  for (const sample of samples) {
    const last = all.at(-1)
    if (last !== undefined && sample.at - last.at > HOLE_STEPS * stepMs) all.push({ at: last.at + stepMs, value: null })
    all.push(sample)
  }
  return all
}

/**
 * The distance that readings have: the middle one of those seen, where what was promised is shorter.
 *
 * @param times in order, ms
 */
export function usualStep(times: readonly number[], promisedMs: number): number {
  const steps = times.slice(1).map((at, i) => at - times[i])
  steps.sort((a, b) => a - b)
  return Math.max(promisedMs, steps[steps.length >> 1] ?? 0)
}

/** How long anything was anomalous, ms. */
export function anomalousMs(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to, anomalous }) => sum + (anomalous ? to - from : 0), 0)
}
