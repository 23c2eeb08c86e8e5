import { describe, expect, it } from 'vitest'
import type { Target } from '../domain/target.ts'
import { severityOf, type Verdict } from '../domain/verdict.ts'
import { fitModel } from '../train/fit.ts'
import { host, hostHistory, matrixAt, NAMES, QUICK_FIT, rowOf, WIDTH, withValues } from '../train/testing/hosts.ts'
import { createDetection, type Detection } from './detection.ts'
import { createPlainKernel } from './kernel/plain.ts'

const MINUTE = 60_000
const kernel = createPlainKernel()
const A = host('a')
const B = host('b')
const HISTORY = hostHistory(1, { rows: 700 })
const LIVE = 400
const STALE_AFTER = 5 * MINUTE

const FITTED = fitModel(
  new Map([[A.id, { ...HISTORY, times: HISTORY.times.slice(0, LIVE), rows: HISTORY.rows.slice(0, LIVE * WIDTH) }]]),
  QUICK_FIT,
  kernel,
).targets.get(A.id)!

function newDetection(): Detection {
  return createDetection(
    {
      width: WIDTH,
      intervalMs: MINUTE,
      resolution: Float64Array.from(QUICK_FIT.resolution),
      zscore: { window: 30, minReadings: 5, sigmas: 2.5 },
      forest: {
        trees: 20,
        sampleSize: 64,
        contamination: 0.08,
        minReadings: 20,
        refitIntervalMs: 60 * MINUTE,
        seed: 1,
      },
      hysteresis: { enter: 1, exit: 0.8, holdMs: 2 * MINUTE },
      threshold: { mode: 'budget', budget: { alarmsPerDay: 1 } },
      staleAfterMs: STALE_AFTER,
    },
    kernel,
  )
}

type Row = Float64Array | undefined

/** Live readings of the i-th minute after training, one a target; `undefined` where there was none. */
function tick(
  detection: Detection,
  i: number,
  targets: readonly (Target | undefined)[],
  rows: readonly Row[] = targets.map((target) => target && live(i)),
  sampledAt?: readonly number[],
): readonly (Verdict | undefined)[] {
  return detection.fleet.detect(matrixAt(timeOf(i), targets, rows, NAMES, sampledAt))
}

const timeOf = (i: number) => HISTORY.times[0] + (LIVE + i) * MINUTE
const live = (i: number) => rowOf(HISTORY, LIVE + (i % 300))

function expectNoScore(verdict: Verdict | undefined, state: Verdict['state']): void {
  expect(verdict).toMatchObject({
    state,
    score: NaN,
    threshold: NaN,
    combined: NaN,
    level: NaN,
    severity: NaN,
    detected: false,
    contributions: [],
  })
  expect(Object.values(verdict!.detectors)).toEqual([NaN, NaN, NaN, NaN, NaN])
}

describe('the fleet detector', () => {
  it('warms up step by step: the z-score at the fifth reading, the forest after the twentieth, a model when it has one', () => {
    const detection = newDetection()
    const verdicts = Array.from({ length: 21 }, (_, i) => tick(detection, i, [A])[0]!)

    for (const verdict of verdicts.slice(0, 4)) expectNoScore(verdict, 'warming_up')
    expect(verdicts[4]).toMatchObject({ state: 'fresh', score: NaN, threshold: NaN })
    expect(verdicts[4].level).toBeGreaterThanOrEqual(0)
    expect(verdicts[4].detectors.zscore).toBeGreaterThanOrEqual(0)
    expect(verdicts[19].detectors.isolation_forest).toBeNaN()
    expect(verdicts[20].detectors.isolation_forest).toBeGreaterThanOrEqual(0)
    expect(verdicts[20].detectors.autoencoder).toBeNaN()

    detection.models.adopt(0, FITTED.model)
    detection.alarms.adopt(0, FITTED.seed)
    const [trained] = tick(detection, 21, [A])

    expect(trained!.score).toBeGreaterThan(0)
    expect(trained!.threshold).toBeGreaterThan(0)
    expect(trained!.combined).toBeGreaterThan(0)
    for (const value of Object.values(trained!.detectors)) {
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThanOrEqual(1)
    }
    expect(trained!.severity).toBe(severityOf(trained!.level))
  })

  it('scores the very first reading of a target that has a model from before', () => {
    const detection = newDetection()
    detection.fleet.place(matrixAt(timeOf(0), [A], [undefined]))
    detection.models.adopt(0, FITTED.model)
    detection.alarms.adopt(0, FITTED.seed)

    const [verdict] = tick(detection, 0, [A])

    expect(verdict).toMatchObject({ state: 'fresh', at: timeOf(0) })
    expect(verdict!.level).toBeGreaterThan(0)
  })

  it('detects an event, explains it, and lets it go when it has been calm for the hold', () => {
    const detection = newDetection()
    for (let i = 0; i < 40; i++) tick(detection, i, [A])

    const [event] = tick(detection, 40, [A], [withValues(live(40), { requests: 3_000 })])

    expect(event).toMatchObject({ detected: true, state: 'fresh' })
    expect(event!.level).toBeGreaterThan(1)
    expect(event!.contributions).toHaveLength(WIDTH)
    expect(event!.contributions[0]).toMatchObject({ feature: 'requests', actual: 3_000 })
    expect(detection.fleet.explain(0)).toEqual(event!.contributions)
    const after = [41, 42, 43].map((i) => tick(detection, i, [A])[0]!.detected)
    expect(after).toEqual([true, true, false])
  })

  it('takes a level that lasts for the new normal when the threshold is next worked out, and says so', () => {
    const detection = newDetection()
    detection.fleet.place(matrixAt(timeOf(0), [A], [live(0)]))
    detection.models.adopt(0, FITTED.model)
    detection.alarms.adopt(0, FITTED.seed)
    const shifted = (i: number) => withValues(live(i), { [NAMES[0]]: live(i)[0] * 2 + 500 })

    const verdicts = Array.from(
      { length: 24 * 60 },
      (_, i) => tick(detection, i, [A], [i < 60 ? live(i) : shifted(i)])[0]!,
    )

    const ended = verdicts.findIndex((verdict, i) => i > 0 && verdicts[i - 1].detected && !verdict.detected)
    expect(verdicts.slice(60, 70).some((verdict) => verdict.detected)).toBe(true)
    expect(verdicts.slice(ended).filter((verdict) => verdict.detected).length).toBeLessThan(60)
    expect(verdicts.some((verdict) => verdict.adopted)).toBe(true)
  })

  it('keeps the verdict of a target that brought nothing new, then calls it stale, without a score', () => {
    const detection = newDetection()
    for (let i = 0; i < 10; i++) tick(detection, i, [A, B])
    const last = tick(detection, 10, [A, B])[0]

    for (let i = 11; i <= 15; i++) {
      const [kept, other] = tick(detection, i, [A, B], [undefined, live(i)])
      expect(kept).toBe(last)
      expect(other!.at).toBe(timeOf(i))
    }
    const [stale] = tick(detection, 16, [A, B], [undefined, live(16)])

    expectNoScore(stale, 'stale')
    expect(stale!.at).toBe(timeOf(10))
    expect(detection.fleet.explain(0)).toEqual([])
  })

  it('scores a target again as soon as it is back', () => {
    const detection = newDetection()
    for (let i = 0; i < 10; i++) tick(detection, i, [A])
    for (let i = 10; i < 20; i++) tick(detection, i, [A], [undefined])

    const [back] = tick(detection, 20, [A])

    expect(back).toMatchObject({ state: 'fresh', at: timeOf(20) })
    expect(back!.level).toBeGreaterThanOrEqual(0)
  })

  it('is warming up, not stale, for a target that was announced but never read, until it is long overdue', () => {
    const detection = newDetection()

    const states = Array.from({ length: 8 }, (_, i) => tick(detection, i, [A], [undefined])[0])

    expect(states.map((verdict) => verdict!.state)).toEqual([...Array(6).fill('warming_up'), 'stale', 'stale'])
    for (const verdict of states) expectNoScore(verdict, verdict!.state)
  })

  it('does not score what a server still knew from before an outage', () => {
    const detection = newDetection()
    const control = newDetection()
    for (let i = 0; i < 30; i++) {
      tick(detection, i, [A])
      tick(control, i, [A])
    }

    const old = withValues(live(60), { requests: 9_000 })
    const [verdict] = tick(detection, 60, [A], [old], [timeOf(60) - STALE_AFTER - 1])

    expectNoScore(verdict, 'stale')
    // Nor does it enter what is remembered.
    expect(tick(detection, 61, [A])[0]!.level).toBe(tick(control, 61, [A])[0]!.level)
  })

  it('takes a reading that is just young enough', () => {
    const detection = newDetection()
    for (let i = 0; i < 30; i++) tick(detection, i, [A])

    const [verdict] = tick(detection, 60, [A], [live(60)], [timeOf(60) - STALE_AFTER])

    expect(verdict).toMatchObject({ state: 'fresh', at: timeOf(60) - STALE_AFTER })
  })

  it('drops a gone target, and all that was known of it when another one takes its slot', () => {
    const detection = newDetection()
    for (let i = 0; i < 30; i++) tick(detection, i, [A, B])
    detection.models.adopt(1, FITTED.model)
    tick(detection, 30, [A, B], [live(30), withValues(live(30), { cpu: 900 })])

    const gone = tick(detection, 31, [A, undefined])
    expect(gone[1]).toBeUndefined()
    expect(detection.models.has(1)).toBe(false)
    const [, fresh] = tick(detection, 32, [A, host('c')])

    expectNoScore(fresh, 'warming_up')
  })

  it('does so when the slot changes hands from one tick to the next', () => {
    const detection = newDetection()
    for (let i = 0; i < 30; i++) tick(detection, i, [A])

    expectNoScore(tick(detection, 30, [B])[0], 'warming_up')
  })

  it('forgets the slots beyond when there are fewer', () => {
    const detection = newDetection()
    for (let i = 0; i < 30; i++) tick(detection, i, [A, B])

    expect(tick(detection, 30, [A])).toHaveLength(1)
    expectNoScore(tick(detection, 31, [A, B])[1], 'warming_up')
  })

  it.each([
    ['NaN', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
    ['huge', 1e300],
  ])('lets %s readings of one host cost no other host anything', (_, value) => {
    const detection = newDetection()
    const control = newDetection()
    // Jobs share a forest.
    const odd = host('odd', 'other')
    const adoptAll = (i: number) => {
      if (i !== 25) return
      for (const { models, alarms } of [detection, control]) {
        for (const slot of [0, 1]) {
          models.adopt(slot, FITTED.model)
          alarms.adopt(slot, FITTED.seed)
        }
      }
    }
    for (let i = 0; i < 60; i++) {
      adoptAll(i)
      const bad = i === 22 || i === 30 ? new Float64Array(WIDTH).fill(value) : live(i)
      const [verdict, broken] = tick(detection, i, [A, odd], [live(i), bad])
      expect(verdict).toEqual(tick(control, i, [A, odd])[0])
      if (i > 5) expect(broken!.level).toBeGreaterThanOrEqual(0)
      if (i > 5) expect(broken!.severity).toBeLessThanOrEqual(1)
    }
  })

  it('knows nothing of any target once it is told that nothing can be read', () => {
    const detection = newDetection()
    for (let i = 0; i < 30; i++) tick(detection, i, [A, undefined, B])

    const verdicts = detection.fleet.expire()

    expect(verdicts).toHaveLength(3)
    expectNoScore(verdicts[0], 'stale')
    expect(verdicts[0]!.at).toBe(timeOf(29))
    expect(verdicts[1]).toBeUndefined()
    expectNoScore(verdicts[2], 'stale')
    expect(detection.fleet.explain(0)).toEqual([])
    expect(tick(detection, 30, [A, undefined, B])[0]!.state).toBe('fresh')
  })

  it('takes rounding for rest, and a move for an anomaly, where no feature ever moved in training', () => {
    const resting = [20, 1, 8e9, 300, 42, Number.NaN]
    const still = { ...HISTORY, rows: HISTORY.rows.map((_, i) => resting[i % WIDTH]) }
    const options = { ...QUICK_FIT, resolution: new Float64Array(WIDTH) }
    const { model, seed } = fitModel(new Map([[A.id, still]]), options, kernel).targets.get(A.id)!
    const detection = newDetection()
    detection.fleet.place(matrixAt(timeOf(300), [A], [undefined]))
    detection.models.adopt(0, model)
    detection.alarms.adopt(0, seed)
    const levelAt = (i: number, cpu: number) =>
      tick(detection, i, [A], [Float64Array.from([cpu, ...resting.slice(1)])])[0]!.level

    expect(levelAt(300, 20)).toBe(0)
    expect(levelAt(301, 20 * (1 + 1e-4))).toBeLessThan(0.5)
    expect(levelAt(302, 80)).toBeGreaterThan(2)
  })

  it('gives a target the same verdicts alone and in a fleet', () => {
    const alone = newDetection()
    const fleet = newDetection()
    for (const {
      fleet: { place },
      models,
    } of [alone, fleet]) {
      place(matrixAt(timeOf(0), [A], [undefined]))
      models.adopt(0, FITTED.model)
    }
    for (let i = 0; i < 40; i++) {
      const others = ['x', 'y', 'z'].map((name) => host(name, 'other'))
      const row = i === 35 ? withValues(live(i), { load: 40 }) : live(i)

      expect(tick(fleet, i, [A, ...others], [row, live(i + 1), live(i + 2), live(i + 3)])[0]).toEqual(
        tick(alone, i, [A], [row])[0],
      )
    }
  })
})
