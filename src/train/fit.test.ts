import { describe, expect, it } from 'vitest'
import { createPlainKernel } from '../detect/kernel/plain.ts'
import { MEMBERS } from '../detect/model.ts'
import { fitScaler } from '../detect/scaler.ts'
import type { TrainingSet } from '../domain/training-set.ts'
import { fitModel } from './fit.ts'
import type { FitOptions } from './fit-options.ts'
import { host, hostHistory, PLAIN_FIT, QUICK_FIT, WIDTH } from './testing/hosts.ts'
import { runTrial } from './trial.ts'

const kernel = createPlainKernel()
const A = host('a').id
const B = host('b').id
const HISTORY = hostHistory(1, { rows: 300 })

function fitOne(options: FitOptions, set: TrainingSet = HISTORY) {
  const fitted = fitModel(new Map([[A, set]]), options, kernel)
  return { ...fitted, target: fitted.targets.get(A)! }
}

function numbersOf({ weights, target }: ReturnType<typeof fitOne>) {
  return {
    autoencoder: weights.autoencoder.weights(),
    forecast: weights.forecast.weights(),
    members: weights.members,
    scaler: target.model.scaler,
    memory: target.model.memory,
    seed: target.seed,
  }
}

describe('fitting a model', () => {
  it.each([
    ['the contextual ensemble', QUICK_FIT],
    ['the plain autoencoder', PLAIN_FIT],
  ])('gives the same model for the same rows and seed: %s', (_, options) => {
    expect(numbersOf(fitOne(options))).toEqual(numbersOf(fitOne(options)))
  })

  it('draws other starting weights for another seed where the autoencoder is plain', () => {
    const weightsOf = (seed: number) => fitOne({ ...PLAIN_FIT, seed }).weights.autoencoder.weights()

    expect(weightsOf(1)).not.toEqual(weightsOf(2))
  })

  it('does not let the seed change any score of the ensemble', () => {
    const scoresOf = (seed: number) => fitOne({ ...QUICK_FIT, seed }).target.seed

    expect(scoresOf(1)).toEqual(scoresOf(2))
  })

  it('weighs the members so that their parts add up to 1', () => {
    const { members } = fitOne(QUICK_FIT).weights

    expect(MEMBERS.reduce((sum, member) => sum + members[member].weight, 0)).toBeCloseTo(1, 10)
    for (const member of MEMBERS) {
      expect(members[member].weight).toBeGreaterThan(0)
      expect(members[member].reference).toBeGreaterThan(0)
      expect(members[member].suddenReference).toBeGreaterThan(0)
    }
  })

  it('calibrates the members so that 1 is where their rarest training scores lay', () => {
    const { combined } = fitOne(QUICK_FIT).target.seed

    const above = combined.filter((score) => score > 1).length

    expect(above).toBeLessThanOrEqual(0.02 * combined.length)
    expect(Math.max(...combined)).toBeGreaterThan(0.8)
    expect(Math.min(...combined)).toBeGreaterThanOrEqual(0)
  })

  it('leaves a seed for the threshold with one score for each row', () => {
    const { seed } = fitOne(QUICK_FIT).target

    expect(seed.times).toEqual(HISTORY.times)
    expect(seed.combined).toHaveLength(300)
    expect(seed.anomaly).toHaveLength(300)
    expect(seed.anomaly.every((error) => error >= 0)).toBe(true)
  })

  it.each([
    [{ mode: 'sigma', sigmas: 3 }],
    [{ mode: 'percentile', percentile: 99 }],
    [{ mode: 'normality', sigmas: 3, percentile: 99 }],
    [{ mode: 'fixed', value: 0.1998 }],
  ] as const)('finds a threshold for the reconstruction error: %j', (threshold) => {
    const { target, threshold: choice } = fitOne({ ...PLAIN_FIT, threshold })

    expect(choice.value).toBeGreaterThan(0)
    expect(target.seed.anomalyThreshold).toBe(choice.value)
  })

  it('leaves the threshold open where scores decide', () => {
    expect(fitOne(QUICK_FIT).target.seed.anomalyThreshold).toBeNaN()
  })

  it('scales every target of a group by its own rows and shares all else', () => {
    const large = hostHistory(2, { rows: 300 })
    large.rows.set(large.rows.map((value) => 10 * value))
    const { targets } = fitModel(
      new Map([
        [A, HISTORY],
        [B, large],
      ]),
      QUICK_FIT,
      kernel,
    )
    const [a, b] = [targets.get(A)!, targets.get(B)!]

    expect(a.model.weights).toBe(b.model.weights)
    expect(a.model.scaler).toEqual(fitScaler(HISTORY.rows, WIDTH, QUICK_FIT.resolution))
    expect(b.model.scaler).toEqual(fitScaler(large.rows, WIDTH, QUICK_FIT.resolution))
    expect(b.model.scaler.center[0]).toBeGreaterThan(5 * a.model.scaler.center[0])
  })

  it('learns from the teachers alone, and gives the others a scaling of their own', () => {
    const both = new Map([
      [A, HISTORY],
      [B, hostHistory(2, { rows: 100 })],
    ])
    const taught = fitModel(both, QUICK_FIT, kernel, undefined, [A])

    expect(taught.weights.autoencoder.weights()).toEqual(fitOne(QUICK_FIT).weights.autoencoder.weights())
    expect(taught.weights.members).toEqual(fitOne(QUICK_FIT).weights.members)
    expect(taught.targets.get(B)!.seed.times).toHaveLength(100)
  })

  it('does with features that never moved or were never read', () => {
    const still = { ...HISTORY, rows: HISTORY.rows.map((_, i) => [0, 7, 1e9, -3, 42, Number.NaN][i % WIDTH]) }
    const { target, weights } = fitOne(QUICK_FIT, still)

    expect([...target.seed.combined].every((score) => score === 0)).toBe(true)
    expect(MEMBERS.reduce((sum, member) => sum + weights.members[member].weight, 0)).toBeCloseTo(1, 10)
  })

  it('does with gaps of any length', () => {
    const times = HISTORY.times.map((time, i) => time + (i < 100 ? 0 : i < 200 ? 30 * 60_000 : 5 * 86_400_000))
    const { target } = fitOne(QUICK_FIT, { ...HISTORY, times })

    expect([...target.seed.combined].every(Number.isFinite)).toBe(true)
    expect(Math.max(...target.seed.combined)).toBeLessThan(3)
  })

  it('refuses to learn from one row', () => {
    expect(() => fitOne(QUICK_FIT, hostHistory(1, { rows: 1 }))).toThrow('2 rows or more')
    expect(() => fitModel(new Map(), QUICK_FIT, kernel)).toThrow(RangeError)
  })

  it('does with two rows', () => {
    const { target } = fitOne(QUICK_FIT, hostHistory(1, { rows: 2 }))

    expect([...target.seed.combined].every(Number.isFinite)).toBe(true)
  })
})

describe('the trial', () => {
  /** A third feature level in the rows that judge. */
  function shifted(): TrainingSet {
    const rows = HISTORY.rows.map((value, i) => (i >= 240 * WIDTH && i % WIDTH === 0 ? value + 1_000 : value))
    return { ...HISTORY, rows }
  }

  it.each([
    ['in deviations', QUICK_FIT],
    ['in the training range', PLAIN_FIT],
  ])('scales by the older rows alone: rows to judge on change nothing about learning, %s', (_, options) => {
    const once = runTrial([HISTORY], WIDTH, { ...options, validation: 0.2 }, kernel, () => {})
    const other = runTrial([shifted()], WIDTH, { ...options, validation: 0.2 }, kernel, () => {})
    const epochs = Math.min(once.losses.training.length, other.losses.training.length)

    expect(other.losses.training.slice(0, epochs)).toEqual(once.losses.training.slice(0, epochs))
    expect(other.losses.validation[0]).toBeGreaterThan(once.losses.validation[0])
  })

  it('gives one error for each row that it judges on, whose mean is the loss', () => {
    const { errors, losses, bestEpoch } = runTrial([HISTORY], WIDTH, QUICK_FIT, kernel, () => {})

    expect(errors).toHaveLength(300 - 240)
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeCloseTo(
      losses.validation[bestEpoch - 1],
      5,
    )
  })

  it('judges on the newest rows of every target', () => {
    const sets = [HISTORY, hostHistory(2, { rows: 100 })]

    expect(runTrial(sets, WIDTH, QUICK_FIT, kernel, () => {}).errors).toHaveLength(60 + 20)
  })
})
