import { describe, expect, it } from 'vitest'
import { createPlainKernel } from '../detect/kernel/plain.ts'
import { createModelScorer } from '../detect/model-scorer.ts'
import { decodeModelFile, encodeModelFile } from '../store/models/model-file.ts'
import { type FittedTarget, fitModel } from './fit.ts'
import { fingerprintOf, fromModelFile, type ModelOrigin, toModelFile } from './model-codec.ts'
import { host, hostHistory, matrixAt, NAMES, PLAIN_FIT, QUICK_FIT, rowOf, WIDTH } from './testing/hosts.ts'

const MINUTE = 60_000
const kernel = createPlainKernel()
const IDS = ['a', 'b', 'c'].map((name) => host(name).id)
const SETS = new Map(IDS.map((id, i) => [id, hostHistory(i + 1, { rows: 150 + 10 * i })]))
const LIVE = hostHistory(9, { rows: 40, from: SETS.get(IDS[2])!.times.at(-1)! + MINUTE })
const ORIGIN: ModelOrigin = {
  unit: 'group:node',
  scope: 'group',
  createdAt: Date.UTC(2026, 0, 6),
  fromMs: Date.UTC(2026, 0, 5),
  toMs: Date.UTC(2026, 0, 6),
  stepMs: MINUTE,
  cleaning: { rows: 480, forwardFilled: 3, missing: 2, droppedRows: 1 },
}

/** Live scores of all three targets. */
function scores(targets: ReadonlyMap<string, FittedTarget>): number[][] {
  const scorer = createModelScorer({ width: WIDTH, intervalMs: MINUTE, kernel })
  scorer.grow(3)
  for (const [slot, id] of IDS.entries()) scorer.adopt(slot, targets.get(id)!.model)
  return Array.from(LIVE.times, (at, i) => {
    const row = rowOf(LIVE, i)
    scorer.score(
      matrixAt(
        at,
        IDS.map((id) => ({ id, labels: {} })),
        [row, row, row],
      ),
      [0, 1, 2],
    )
    return [...scorer.combined, ...scorer.anomaly]
  })
}

describe.each([
  ['the contextual ensemble', QUICK_FIT],
  ['the plain autoencoder', { ...PLAIN_FIT, threshold: { mode: 'normality', sigmas: 3, percentile: 99 } } as const],
])('a model as plain data: %s', (_, options) => {
  const fitted = fitModel(SETS, options, kernel)
  const file = toModelFile(fitted, options, ORIGIN)

  it('scores as before when it comes back from bytes', () => {
    const back = fromModelFile(decodeModelFile(encodeModelFile(file)), kernel)

    expect(scores(back)).toEqual(scores(fitted.targets))
  })

  it('brings back scaling, memory and seed of every target', () => {
    const back = fromModelFile(decodeModelFile(encodeModelFile(file)), kernel)

    expect([...back.keys()]).toEqual(IDS)
    for (const id of IDS) {
      const [was, is] = [fitted.targets.get(id)!, back.get(id)!]
      expect(is.seed).toEqual(was.seed)
      expect(is.model.scaler).toEqual(was.model.scaler)
      expect(is.model.memory).toEqual(was.model.memory)
      expect(is.model.weights.members).toEqual(was.model.weights.members)
      expect(is.model.weights).toBe(back.get(IDS[0])!.model.weights)
    }
  })

  it('has a card that says where it comes from', () => {
    expect(file.card).toMatchObject({
      unit: 'group:node',
      scope: 'group',
      created_at: '2026-01-06T00:00:00.000Z',
      targets: IDS,
      features: NAMES,
      data: { rows: 480, step_seconds: 60, forward_filled: 3, missing: 2, dropped_rows: 1 },
      seed: options.seed,
      fingerprint: fingerprintOf(NAMES, options),
    })
    expect(file.card.autoencoder.losses.validation.length).toBeGreaterThan(0)
    expect(JSON.parse(JSON.stringify(file.card))).toEqual(file.card)
  })

  it('is refused where a part is missing', () => {
    for (const name of Object.keys(file.tensors)) {
      const { [name]: _, ...tensors } = file.tensors

      expect(() => fromModelFile({ card: file.card, tensors }, kernel), name).toThrow()
    }
  })
})

describe('the mark of what a model depends on', () => {
  const mark = fingerprintOf(NAMES, QUICK_FIT)

  it('stays with another seed, length of training or number of rows', () => {
    expect(fingerprintOf([...NAMES], { ...QUICK_FIT, seed: 99, training: PLAIN_FIT.training, validation: 0.3 })).toBe(
      mark,
    )
  })

  it.each([
    ['features', () => fingerprintOf(NAMES.slice(1), QUICK_FIT)],
    ['their order', () => fingerprintOf([...NAMES].reverse(), QUICK_FIT)],
    ['hidden layers', () => fingerprintOf(NAMES, { ...QUICK_FIT, plan: { ...QUICK_FIT.plan, hidden: [6, 2, 6] } })],
    ['context and scaling', () => fingerprintOf(NAMES, { ...QUICK_FIT, plan: PLAIN_FIT.plan })],
    ['resolution', () => fingerprintOf(NAMES, { ...QUICK_FIT, resolution: new Float64Array(WIDTH) })],
    ['interval', () => fingerprintOf(NAMES, { ...QUICK_FIT, intervalMs: 15_000 })],
    ['threshold mode', () => fingerprintOf(NAMES, { ...QUICK_FIT, threshold: { mode: 'sigma', sigmas: 3 } })],
  ])('changes with other %s', (_, other) => {
    expect(other()).not.toBe(mark)
  })

  it('changes with the figures of a threshold that is worked out in training', () => {
    const marks = [3, 4].map((sigmas) => fingerprintOf(NAMES, { ...QUICK_FIT, threshold: { mode: 'sigma', sigmas } }))

    expect(marks[0]).not.toBe(marks[1])
  })

  it('is the same for the modes that learn from scores', () => {
    expect(fingerprintOf(NAMES, { ...QUICK_FIT, threshold: { mode: 'any' } })).toBe(mark)
  })
})
