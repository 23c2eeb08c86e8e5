import { describe, expect, it } from 'vitest'
import type { Target } from '../domain/target.ts'
import { severityOf, type Verdict } from '../domain/verdict.ts'
import { fitModel } from '../train/fit.ts'
import { host, hostHistory, matrixAt, NAMES, QUICK_FIT, rowOf } from '../train/testing/hosts.ts'
import { createDetection, type Detection, type DetectionOptions } from './detection.ts'
import { createPlainKernel } from './kernel/plain.ts'

const MINUTE_MS = 60_000
const START = 1.7e12
const STEP_MS = 15_000
const HOUR = 3600
const STALE_AFTER_MS = 90_000
const A = host('a')
const kernel = createPlainKernel()

const OPTIONS: DetectionOptions = {
  width: 2,
  intervalMs: STEP_MS,
  resolution: Float64Array.of(1, 0.01),
  zscore: { window: 30, minReadings: 5, sigmas: 2.5 },
  forest: {
    trees: 20,
    sampleSize: 64,
    contamination: 0.08,
    minReadings: 20,
    refitIntervalMs: 60 * MINUTE_MS,
    seed: 1,
  },
  hysteresis: { enter: 1, exit: 0.8, holdMs: 0 },
  threshold: { mode: 'budget', budget: { alarmsPerDay: 1 } },
  staleAfterMs: STALE_AFTER_MS,
  exhaustion: { resources: ['disk'], shortestWindowMs: 6 * MINUTE_MS, horizonMs: 4 * HOUR * 1000 },
}

/** Plays a disk that is full after `hours` from 0.5 on; cpu stays at 20. @returns the verdicts, one a tick */
function play(hours: number, minutes: number, options: Partial<DetectionOptions> = {}, target: Target = A): Played {
  const detection = createDetection({ ...OPTIONS, ...options }, kernel)
  const verdicts: Verdict[] = []
  let at = START
  for (; at < START + minutes * MINUTE_MS; at += STEP_MS) {
    const disk = 0.5 + (0.5 * (at - START)) / (hours * HOUR * 1000)
    verdicts.push(detection.fleet.detect(matrixAt(at, [target], [[20, disk]], ['cpu', 'disk']))[0]!)
  }
  return { detection, verdicts, at: at - STEP_MS, last: verdicts.at(-1)! }
}

interface Played {
  readonly detection: Detection
  readonly verdicts: readonly Verdict[]
  readonly at: number
  readonly last: Verdict
}

describe('a disk that fills', () => {
  it('is an anomaly as soon as it is forecast to be full within the horizon, long before it is', () => {
    const { last, at, detection } = play(2, 60)

    const secondsLeft = 2 * HOUR - (at - START) / 1000
    expect(last.exhaustion).toHaveLength(1)
    expect(last.exhaustion[0].seconds / secondsLeft).toBeCloseTo(1, 2)
    expect(last.level).toBeCloseTo((4 * HOUR) / last.exhaustion[0].seconds, 9)
    expect(last.severity).toBe(severityOf(last.level))
    expect(last.detected).toBe(true)
    expect(last.contributions[0].feature).toBe('disk')
    expect(last.contributions[0].actual).toBeCloseTo(0.5 + (0.5 * (2 * HOUR - secondsLeft)) / (2 * HOUR), 9)
    // No model yet: what is expected is the mean of the 30 readings before.
    expect(last.contributions[0].expected).toBeCloseTo(
      last.contributions[0].actual - (15.5 * 0.5 * STEP_MS) / (2 * HOUR * 1000),
      6,
    )
    expect(last.contributions.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
    expect(detection.fleet.explain(0)[0].feature).toBe('disk')
  })

  it('leaves the score of the detectors alone', () => {
    const { last } = play(2, 60)
    const without = play(2, 60, { exhaustion: undefined }).last

    expect(without.exhaustion).toEqual([])
    expect(last.combined).toBe(without.combined)
    expect(last.detectors).toEqual(without.detectors)
    expect(last.level).toBeGreaterThan(without.level)
  })

  it('is forecast and no anomaly while it has longer than the horizon', () => {
    const { last } = play(12, 330)

    expect(last.exhaustion[0].seconds).toBeGreaterThan(4 * HOUR)
    expect(last.level).toBeLessThan(1)
    expect(last.detected).toBe(false)
  })

  it('counts before the detectors have a level', () => {
    const zscore = { window: 1000, minReadings: 900, sigmas: 2.5 }
    const forest = { ...OPTIONS.forest, minReadings: 900 }
    const { verdicts, last } = play(2, 45, { zscore, forest })

    expect(verdicts[10]).toMatchObject({ state: 'warming_up', detected: false, exhaustion: [] })
    expect(verdicts[10].level).toBeNaN()
    expect(last).toMatchObject({ state: 'fresh', detected: true })
    expect(last.level).toBeCloseTo((4 * HOUR) / last.exhaustion[0].seconds, 9)
    expect(last.contributions[0]).toMatchObject({ feature: 'disk', share: 1, expected: Number.NaN })
  })

  it('is told no more once its target is stale', () => {
    const { detection, at } = play(2, 60)
    const silent = (now: number) => detection.fleet.detect(matrixAt(now, [A], [undefined], ['cpu', 'disk'], [at]))[0]!

    expect(silent(at + STALE_AFTER_MS).exhaustion).toHaveLength(1)
    expect(silent(at + STALE_AFTER_MS + 1)).toMatchObject({ state: 'stale', exhaustion: [], detected: false })
  })

  it('is not that of the next target in its slot', () => {
    const { detection, at } = play(2, 60)

    const next = detection.fleet.detect(matrixAt(at + STEP_MS, [host('b')], [[20, 0.75]], ['cpu', 'disk']))[0]!

    expect(next).toMatchObject({ state: 'warming_up', exhaustion: [] })
  })
})

describe('the drift of inputs', () => {
  const ROWS = 400
  const history = hostHistory(1, { rows: ROWS })
  const end = history.times[ROWS - 1]
  const { model, seed } = fitModel(new Map([[A.id, history]]), QUICK_FIT, kernel).targets.get(A.id)!

  /** Plays as many hours with cpu shifted by so many of its deviations. @returns the drift */
  function driftAfter(hours: number, deviations: number): number {
    const { width, resolution } = { width: NAMES.length, resolution: QUICK_FIT.resolution as Float64Array }
    const { exhaustion: _, ...options } = OPTIONS
    const { fleet, models, alarms } = createDetection({ ...options, width, resolution }, kernel)
    const row = Float64Array.from(model.scaler.center, (center, f) => {
      if (NAMES[f] === 'absent') return Number.NaN
      return NAMES[f] === 'cpu' ? center + deviations * model.scaler.spread[f] : center
    })
    fleet.place(matrixAt(end, [A], [rowOf(history, 0)]))
    models.adopt(0, { ...model, memory: undefined })
    alarms.adopt(0, seed)
    let verdict: Verdict | undefined
    for (let at = end + MINUTE_MS; at <= end + hours * 60 * MINUTE_MS; at += MINUTE_MS) {
      verdict = fleet.detect(matrixAt(at, [A], [at === end + MINUTE_MS ? shifted(row, model.scaler.center) : row]))[0]
    }
    return verdict!.drift
  }

  /** The first reading becomes all of the past: here it is as in training. */
  function shifted(row: Float64Array, center: Float32Array): Float64Array {
    return row.map((value, f) => (Number.isNaN(value) ? value : center[f]))
  }

  it('is 0 while everything is as in training', () => {
    expect(driftAfter(1, 0)).toBeCloseTo(0, 6)
  })

  it('is the root mean square of the averages of a day', () => {
    // After a day, the half-life, the average has gone half the way: 2 of the 4 deviations, in one of six features.
    const minutes = 24 * 60
    const gone = 1 - 2 ** (-(minutes - 1) / minutes)

    expect(driftAfter(24, 4)).toBeCloseTo(Math.sqrt((4 * gone) ** 2 / NAMES.length), 3)
  })

  it('is not known without a model', () => {
    expect(play(2, 5).last.drift).toBeNaN()
  })
})
