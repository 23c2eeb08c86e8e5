import { type Contribution, DETECTORS, type DetectorName, type Verdict } from '../domain/verdict.ts'
import { decodeShort, encodeShort, NOTHING } from './short-float.ts'

/** Points kept of a target, and their shortest distance: an hour. Of several in a step the highest counts. */
export const POINTS = 240
export const STEP_MS = 15_000
const KEPT_MS = POINTS * STEP_MS
/** Targets of which detectors and features are kept as well: up to 80 kB each. */
const MOST_WATCHED = 64
/** Steps of a detector's score, 0–1; one more means that there is none. */
const SCORE_STEPS = 254

/** One moment of a target; NaN what was not known. */
export interface ScorePoint {
  /** ms since the epoch */
  readonly at: number
  readonly level: number
  readonly score: number
  readonly threshold: number
  readonly detected: boolean
  /** Undefined where it was not watched. */
  readonly detectors?: Readonly<Record<DetectorName, number>>
}

/** One moment of a feature; NaN what was not known. */
export interface FeaturePoint {
  readonly at: number
  readonly actual: number
  readonly expected: number
}

/**
 * The scores of the last hour, for charts: 1.5 kB a target, with numbers true to 0.2 %. Of targets with an anomaly, and
 * of those that somebody looks at, detectors and features as well, from then on.
 */
export interface ScoreHistory {
  /** A cycle over the whole fleet. @param at ms since the epoch */
  add(at: number, verdicts: Iterable<Verdict | undefined>): void
  /** A reading that was pushed: its service has points at the times of its readings. */
  hear(verdict: Verdict): void
  /** Levels, oldest first; empty for a target that is not known. */
  of(target: string): readonly { readonly at: number; readonly level: number }[]
  /** Within [from, to], oldest first. */
  read(target: string, fromMs: number, toMs: number): readonly ScorePoint[]
  /** The same of one feature; empty where it was not watched. */
  feature(target: string, name: string, fromMs: number, toMs: number): readonly FeaturePoint[]
  /** Somebody looks at a target. @param at ms since the epoch */
  watch(target: string, at: number): void
}

/** The times of points, shared by all that have them at the same times. */
interface Axis {
  readonly times: Float64Array
  /** Points ever written. */
  count: number
}

interface Ring {
  readonly axis: Axis
  /** Levels, scores and thresholds one after the other, then a bit for each point that says whether it was anomalous. */
  readonly values: Uint16Array
  watched?: Watched
  writtenAt: number
}

interface Watched {
  readonly names: readonly string[]
  /** Actual and expected by point and feature. */
  readonly features: Float32Array
  readonly detectors: Uint8Array
  wantedAt: number
  asked: boolean
}

/** @param explain every feature's part in a target's newest score */
export function createScoreHistory(explain: (id: string) => readonly Contribution[]): ScoreHistory {
  const cycles = createAxis()
  const rings = new Map<string, Ring>()
  const watched = new Set<string>()
  let sweptAt = Number.NEGATIVE_INFINITY

  function write(ring: Ring, verdict: Verdict, at: number): void {
    const place = (ring.axis.count - 1) % POINTS
    const { values } = ring
    values[place] = encodeShort(verdict.level)
    values[POINTS + place] = encodeShort(verdict.score)
    values[2 * POINTS + place] = encodeShort(verdict.threshold)
    if (verdict.detected) values[3 * POINTS + (place >> 4)] |= 1 << (place & 15)
    ring.writtenAt = at
    if (verdict.detected) want(verdict.target.id, at, false)
    if (ring.watched !== undefined) writeDetails(ring, verdict, place)
  }

  function writeDetails(ring: Ring, verdict: Verdict, place: number): void {
    const all = verdict.detected ? verdict.contributions : explain(verdict.target.id)
    if (all.some(({ feature }) => !ring.watched!.names.includes(feature)))
      ring.watched = watchedFrom(all, ring.watched!)
    const { names, features, detectors } = ring.watched!
    for (const { feature, actual, expected } of all) {
      const column = names.indexOf(feature)
      features.set([actual, expected], 2 * (place * names.length + column))
    }
    for (const [i, name] of DETECTORS.entries()) {
      const score = verdict.detectors[name]
      detectors[place * DETECTORS.length + i] = Number.isNaN(score) ? 255 : Math.round(score * SCORE_STEPS)
    }
  }

  function clear(ring: Ring, place: number): void {
    for (const part of [0, POINTS, 2 * POINTS]) ring.values[part + place] = NOTHING
    ring.values[3 * POINTS + (place >> 4)] &= ~(1 << (place & 15))
    if (ring.watched === undefined) return
    const width = 2 * ring.watched.names.length
    ring.watched.features.fill(Number.NaN, place * width, (place + 1) * width)
    ring.watched.detectors.fill(255, place * DETECTORS.length, (place + 1) * DETECTORS.length)
  }

  function ringFor(id: string, axis: () => Axis): Ring {
    const known = rings.get(id)
    if (known !== undefined) return known
    const values = new Uint16Array(3 * POINTS + POINTS / 16)
    values.fill(NOTHING, 0, 3 * POINTS)
    const ring = { axis: axis(), values, writtenAt: Number.NEGATIVE_INFINITY }
    rings.set(id, ring)
    return ring
  }

  /** Those that somebody looks at come before those with an anomaly, and the newest before the others. */
  function want(id: string, at: number, asked: boolean): void {
    const ring = rings.get(id)
    if (ring === undefined) return
    if (ring.watched === undefined) {
      if (watched.size >= MOST_WATCHED && !forgetOne(asked)) return
      ring.watched = watchedFrom(explain(id), undefined)
      watched.add(id)
    }
    ring.watched.wantedAt = at
    ring.watched.asked ||= asked
  }

  /** @returns whether there is room for another one */
  function forgetOne(asked: boolean): boolean {
    const known = [...watched].map((id) => ({ id, one: rings.get(id)!.watched! }))
    const [oldest] = known
      .filter(({ one }) => asked || !one.asked)
      .sort((a, b) => Number(a.one.asked) - Number(b.one.asked) || a.one.wantedAt - b.one.wantedAt)
    // One anomaly does not take the place of another.
    if (oldest === undefined || (!asked && oldest.one.wantedAt >= newest(cycles) - STEP_MS)) return false
    forget(oldest.id)
    return true
  }

  function forget(id: string): void {
    watched.delete(id)
    delete rings.get(id)?.watched
  }

  function sweep(at: number): void {
    for (const id of [...watched]) if (rings.get(id)!.watched!.wantedAt < at - KEPT_MS) forget(id)
    if (at < sweptAt + KEPT_MS) return
    sweptAt = at
    for (const [id, { writtenAt }] of rings) {
      if (writtenAt >= at - KEPT_MS) continue
      forget(id)
      rings.delete(id)
    }
  }

  return {
    add(at, verdicts) {
      const isNew = at >= newest(cycles) + STEP_MS
      if (isNew) {
        const place = advance(cycles, at)
        for (const ring of rings.values()) if (ring.axis === cycles) clear(ring, place)
      }
      for (const verdict of verdicts) {
        if (verdict === undefined || !hasLevel(verdict)) continue
        const ring = ringFor(verdict.target.id, () => cycles)
        if (ring.axis === cycles && (isNew || isHigher(ring, verdict))) write(ring, verdict, at)
      }
      if (isNew) sweep(at)
    },
    hear(verdict) {
      if (!hasLevel(verdict)) return
      const ring = ringFor(verdict.target.id, createAxis)
      if (ring.axis === cycles) return
      const isNew = verdict.at >= newest(ring.axis) + STEP_MS
      if (isNew) clear(ring, advance(ring.axis, verdict.at))
      if (isNew || isHigher(ring, verdict)) write(ring, verdict, verdict.at)
    },
    of(target) {
      const ring = rings.get(target)
      if (ring === undefined) return []
      const points = placesOf(ring, newest(ring.axis) - KEPT_MS, Number.POSITIVE_INFINITY)
      return points.map(({ at, place }) => ({ at, level: decodeShort(ring.values[place]) }))
    },
    read(target, fromMs, toMs) {
      const ring = rings.get(target)
      return ring === undefined ? [] : placesOf(ring, fromMs, toMs).map(({ at, place }) => pointAt(ring, at, place))
    },
    feature(target, name, fromMs, toMs) {
      const ring = rings.get(target)
      const column = ring?.watched?.names.indexOf(name) ?? -1
      if (ring?.watched === undefined || column < 0) return []
      const { names, features } = ring.watched
      return placesOf(ring, fromMs, toMs).flatMap(({ at, place }) => {
        const [actual, expected] = features.subarray(2 * (place * names.length + column))
        return Number.isNaN(actual) && Number.isNaN(expected) ? [] : { at, actual, expected }
      })
    },
    watch: (target, at) => want(target, at, true),
  }
}

function hasLevel({ state, level }: Verdict): boolean {
  return state === 'fresh' && !Number.isNaN(level)
}

/** Of several in a step the highest is kept, so that no peak is lost. */
function isHigher({ axis, values }: Ring, { level }: Verdict): boolean {
  const kept = values[(axis.count - 1) % POINTS]
  return kept === NOTHING || encodeShort(level) > kept
}

function createAxis(): Axis {
  return { times: new Float64Array(POINTS).fill(Number.NaN), count: 0 }
}

/** @returns the place of the new point */
function advance(axis: Axis, at: number): number {
  const place = axis.count % POINTS
  axis.times[place] = at
  axis.count++
  return place
}

function newest({ times, count }: Axis): number {
  return count === 0 ? Number.NEGATIVE_INFINITY : times[(count - 1) % POINTS]
}

/** Places of points that hold a level, oldest first. */
function placesOf({ axis, values }: Ring, fromMs: number, toMs: number): { at: number; place: number }[] {
  const length = Math.min(axis.count, POINTS)
  const places: { at: number; place: number }[] = []
  for (let i = 0; i < length; i++) {
    const place = (axis.count - length + i) % POINTS
    const at = axis.times[place]
    if (at >= fromMs && at <= toMs && values[place] !== NOTHING) places.push({ at, place })
  }
  return places
}

function pointAt({ values, watched }: Ring, at: number, place: number): ScorePoint {
  const value = (part: number) => decodeShort(values[part * POINTS + place])
  const detected = ((values[3 * POINTS + (place >> 4)] >> (place & 15)) & 1) === 1
  const point = { at, level: value(0), score: value(1), threshold: value(2), detected }
  return watched === undefined ? point : { ...point, detectors: detectorsAt(watched, place) }
}

function detectorsAt({ detectors }: Watched, place: number): ScorePoint['detectors'] {
  const scores = DETECTORS.map((name, i) => {
    const step = detectors[place * DETECTORS.length + i]
    return [name, step === 255 ? Number.NaN : step / SCORE_STEPS]
  })
  return scores.every(([, score]) => Number.isNaN(score)) ? undefined : Object.fromEntries(scores)
}

/** Room for features and detectors; what was known of `before` is lost with a feature that is new. */
function watchedFrom(all: readonly Contribution[], before: Watched | undefined): Watched {
  const names = all.map(({ feature }) => feature).sort()
  return {
    names,
    features: new Float32Array(2 * POINTS * names.length).fill(Number.NaN),
    detectors: before?.detectors ?? new Uint8Array(POINTS * DETECTORS.length).fill(255),
    wantedAt: before?.wantedAt ?? Number.NEGATIVE_INFINITY,
    asked: before?.asked ?? false,
  }
}
