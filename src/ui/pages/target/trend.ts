import type { Sample } from '../../charts/spans.ts'

export interface Trend {
  readonly direction: 'rising' | 'falling'
  /** ms since the epoch */
  readonly since: number
}

/** Readings that are averaged, so that one that strays does not end a trend. */
const WINDOW = 5
const FEWEST = 8
const SHORTEST_MS = 60_000
/** Of the whole change, so much to the other side is still the same trend. */
const SLACK = 0.15
/** Until it has moved by this part of the whole change it has not begun. */
const FLAT = 0.05
/** A change counts when it is so many times what readings differ by anyway. */
const OVER_NOISE = 4

/**
 * Whether the newest readings go one way, and since when.
 *
 * @param samples in the order of time
 * @returns undefined where they go to and fro, or for less than a minute
 */
export function trendOf(samples: readonly Sample[]): Trend | undefined {
  const known = smoothed(samples)
  if (known.length < FEWEST) return undefined
  const noise = noiseOf(samples)
  return leg(known, 1, noise) ?? leg(known, -1, noise)
}

/** The last stretch that goes up, or with a sign of −1 down. */
function leg(known: readonly Known[], sign: 1 | -1, noise: number): Trend | undefined {
  const last = known[known.length - 1]
  let start = last
  for (let i = known.length - 2; i >= 0; i--) {
    const change = sign * (last.value - start.value)
    const back = sign * (known[i].value - start.value)
    if (back > Math.max(SLACK * change, noise)) break
    if (back < 0) start = known[i]
  }
  const change = sign * (last.value - start.value)
  const isFlat = ({ value }: Known) => sign * (value - start.value) <= FLAT * change
  start = known[known.findLastIndex(isFlat)] ?? start
  if (last.at - start.at < SHORTEST_MS || change <= OVER_NOISE * noise || change === 0) return undefined
  return { direction: sign === 1 ? 'rising' : 'falling', since: start.at }
}

type Known = Sample & { readonly value: number }

function knownOf(samples: readonly Sample[]): Known[] {
  return samples.filter((sample): sample is Known => sample.value !== null)
}

/** Each reading as the mean of it and the few before it, with the time of the middle one. */
function smoothed(samples: readonly Sample[]): Known[] {
  const known = knownOf(samples)
  return known.slice(WINDOW - 1).map((_, i) => {
    const few = known.slice(i, i + WINDOW)
    return { at: few[few.length >> 1].at, value: few.reduce((sum, { value }) => sum + value, 0) / WINDOW }
  })
}

/** What one reading differs from the next by, usually, as it is left after averaging. */
function noiseOf(samples: readonly Sample[]): number {
  const known = knownOf(samples)
  const steps = known.slice(1).map(({ value }, i) => Math.abs(value - known[i].value))
  steps.sort((a, b) => a - b)
  return (steps[steps.length >> 1] ?? 0) / WINDOW
}
