import { describe, expect, it } from 'vitest'
import type { FeatureMatrix } from '../domain/feature-matrix.ts'
import type { TrainingSet } from '../domain/training-set.ts'
import { type Fitted, fitModel } from '../train/fit.ts'
import type { FitOptions } from '../train/fit-options.ts'
import { fromModelFile, toModelFile } from '../train/model-codec.ts'
import { rescore } from '../train/rescore.ts'
import {
  host,
  hostHistory,
  matrixAt,
  NAMES,
  PLAIN_FIT,
  QUICK_FIT,
  rowOf,
  START,
  WIDTH,
  withValues,
} from '../train/testing/hosts.ts'
import { createPlainKernel } from './kernel/plain.ts'
import { MEMBERS, type TargetModel } from './model.ts'
import { createModelScorer, type ModelScorer } from './model-scorer.ts'

const MINUTE = 60_000
const kernel = createPlainKernel()
const A = host('a')
const ROWS = 400
const HISTORY = hostHistory(1, { rows: ROWS + 200 })
const TRAINING = part(HISTORY, 0, ROWS)
const END = HISTORY.times[ROWS]

function part(set: TrainingSet, from: number, to: number): TrainingSet {
  return { ...set, times: set.times.slice(from, to), rows: set.rows.slice(from * WIDTH, to * WIDTH) }
}

function train(options: FitOptions = QUICK_FIT, sets = new Map([[A.id, TRAINING]])): Fitted {
  return fitModel(sets, options, kernel)
}

const FITTED = train()
const MODEL = FITTED.targets.get(A.id)!.model

function scorerOf(...models: readonly (TargetModel | undefined)[]): ModelScorer {
  const scorer = createModelScorer({ width: WIDTH, intervalMs: MINUTE, kernel })
  scorer.grow(models.length)
  for (const [slot, model] of models.entries()) if (model !== undefined) scorer.adopt(slot, model)
  return scorer
}

/** Scores one slot on one row. */
function scoreRow(scorer: ModelScorer, at: number, row: Float64Array): number {
  scorer.score(matrixAt(at, [A], [row]), [0])
  return scorer.combined[0]
}

/** Live readings right after training. @returns the combined score of each */
function scoreRows(scorer: ModelScorer, from: number, to: number, slot = 0): number[] {
  const scores: number[] = []
  for (let i = from; i < to; i++) {
    const rows = Array.from({ length: slot + 1 }, (_, at) => (at === slot ? rowOf(HISTORY, i) : undefined))
    scorer.score(
      matrixAt(
        HISTORY.times[i],
        rows.map(() => A),
        rows,
      ),
      [slot],
    )
    scores.push(scorer.combined[slot])
  }
  return scores
}

/** All that a reading gave, to compare two scorers. */
function stateOf(scorer: ModelScorer, slot: number): unknown {
  return {
    anomaly: scorer.anomaly[slot],
    combined: scorer.combined[slot],
    members: MEMBERS.map((member) => scorer.members[member][slot]),
    memory: scorer.memory(slot),
  }
}

describe('the model scorer', () => {
  it('stays near and mostly below 1 on readings like those it was trained on', () => {
    const scores = scoreRows(scorerOf(MODEL), ROWS, ROWS + 200).sort((a, b) => a - b)

    expect(scores[100]).toBeGreaterThan(0)
    expect(scores[100]).toBeLessThan(1)
    expect(scores[190]).toBeLessThan(1.5)
  })

  it('rises on a spike and names its feature first, with what it was and what was expected', () => {
    const scorer = scorerOf(MODEL)
    const before = Math.max(...scoreRows(scorer, ROWS, ROWS + 20))
    const row = withValues(rowOf(HISTORY, ROWS + 20), { requests: 2_000 })

    const spiked = scoreRow(scorer, HISTORY.times[ROWS + 20], row)

    expect(spiked).toBeGreaterThan(2 * before)
    const [first, ...others] = scorer.contributions(0, row, 0, NAMES)
    expect(first.feature).toBe('requests')
    expect(first.actual).toBe(2_000)
    expect(first.expected).toBeGreaterThan(200)
    expect(first.expected).toBeLessThan(700)
    expect([first, ...others].reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6)
    expect(first.share).toBeGreaterThan(0.4)
  })

  it('sees a feature that never moved in training when it does, and calls its rest nothing', () => {
    const scorer = scorerOf(MODEL)
    const calm = scoreRows(scorer, ROWS, ROWS + 20)
    const row = withValues(rowOf(HISTORY, ROWS + 20), { fixed: 84 })

    const moved = scoreRow(scorer, HISTORY.times[ROWS + 20], row)

    expect(Math.max(...calm)).toBeLessThan(1.5)
    expect(moved).toBeGreaterThan(2)
    expect(Number.isFinite(moved)).toBe(true)
    expect(scorer.contributions(0, row, 0, NAMES)[0].feature).toBe('fixed')
  })

  it('gets used to a constant feature at a new level', () => {
    const scorer = scorerOf(MODEL)
    let score = Number.POSITIVE_INFINITY
    for (let day = 0, i = 0; i < 4 * 24 * 60; i += 10, day = i / 1440) {
      const at = END + i * MINUTE
      score = scoreRow(scorer, at, withValues(rowOf(HISTORY, ROWS + (i % 200)), { fixed: 43 }))
      expect(Number.isFinite(score), `day ${day}`).toBe(true)
    }

    expect(score).toBeLessThan(1.5)
  })

  it('has scores neither 0 nor wild where no feature ever moved, nor where a first one does', () => {
    const still = part(TRAINING, 0, 200)
    still.rows.set(still.rows.slice().map((_, i) => still.rows[i % WIDTH]))
    const fitted = train(QUICK_FIT, new Map([[A.id, still]]))
    const scorer = scorerOf(fitted.targets.get(A.id)!.model)
    const at = still.times.at(-1)!

    expect(scoreRow(scorer, at + MINUTE, rowOf(still, 0))).toBe(0)
    const moved = scoreRow(scorer, at + 2 * MINUTE, withValues(rowOf(still, 0), { cpu: 90 }))

    expect(moved).toBeGreaterThan(1)
    expect(Number.isFinite(moved)).toBe(true)
  })

  it('ignores a feature that training has never seen, whatever it does later', () => {
    const unread = scorerOf(MODEL)
    const read = scorerOf(MODEL)
    for (const value of [0, 1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const at = END + 10 * MINUTE
      const row = rowOf(HISTORY, ROWS)

      const score = scoreRow(read, at, withValues(row, { absent: value }))

      expect(score).toBe(scoreRow(unread, at, row))
      expect(read.contributions(0, row, 0, NAMES).find(({ feature }) => feature === 'absent')!.share).toBeLessThan(0.1)
    }
  })

  it('takes a missing value for an ordinary one', () => {
    const scorer = scorerOf(MODEL)
    scoreRows(scorer, ROWS, ROWS + 20)

    const missing = scoreRow(scorer, HISTORY.times[ROWS + 20], withValues(rowOf(HISTORY, ROWS + 20), { memory: NaN }))
    const nothing = scoreRow(scorer, HISTORY.times[ROWS + 21], new Float64Array(WIDTH).fill(NaN))

    expect(missing).toBeLessThan(1.5)
    expect(Number.isFinite(nothing)).toBe(true)
  })

  it('recovers from infinite readings, which cost no other slot anything', () => {
    const scorer = scorerOf(MODEL, MODEL)
    const alone = scorerOf(MODEL, MODEL)
    const infinite = new Float64Array(WIDTH).fill(Number.POSITIVE_INFINITY)
    for (let i = ROWS; i < ROWS + 100; i++) {
      const row = rowOf(HISTORY, i)
      scorer.score(matrixAt(HISTORY.times[i], [A, host('b')], [i < ROWS + 3 ? infinite : row, row]), [0, 1])
      alone.score(matrixAt(HISTORY.times[i], [undefined, host('b')], [undefined, row]), [1])
      expect(scorer.combined[1]).toBe(alone.combined[1])
      expect(Number.isFinite(scorer.combined[0])).toBe(true)
    }

    expect(scorer.combined[0]).toBeLessThan(3)
  })

  it.each([
    ['the contextual ensemble', QUICK_FIT],
    ['the plain autoencoder', PLAIN_FIT],
  ])('scores training rows live exactly as training did: %s', (_, options) => {
    const { model, seed } = train(options).targets.get(A.id)!
    const scorer = scorerOf({ weights: model.weights, scaler: model.scaler })

    const live = Array.from(TRAINING.times, (at, i) => {
      scoreRow(scorer, at, rowOf(TRAINING, i))
      return [scorer.combined[0], scorer.anomaly[0]]
    })

    expect(live.map(([combined]) => combined)).toEqual([...seed.combined])
    expect(live.map(([, anomaly]) => anomaly)).toEqual([...seed.anomaly])
  })

  it('goes on after training as if it had scored the training rows itself', () => {
    const whole = scorerOf({ weights: MODEL.weights, scaler: MODEL.scaler })
    scoreRows(whole, 0, ROWS)
    const adopted = scorerOf(MODEL)

    expect(scoreRows(adopted, ROWS, ROWS + 30)).toEqual(scoreRows(whole, ROWS, ROWS + 30))
    expect(stateOf(adopted, 0)).toEqual(stateOf(whole, 0))
  })

  it('gives a batch the scores that each slot has alone, with weights of their own and with shared ones', () => {
    const sets = new Map(['a', 'b', 'c'].map((name, i) => [host(name).id, hostHistory(i + 1, { rows: 200 })]))
    const group = train(QUICK_FIT, sets)
    const shared = [...group.targets.values()].map(({ model }) => model)
    const own = shared.map((model, i) => {
      const file = toModelFile(group, QUICK_FIT, ORIGIN)
      return { ...model, weights: [...fromModelFile(file, kernel).values()][i].model.weights }
    })
    const targets = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => host(name))
    const batch = scorerOf(...shared, ...own)
    const single = scorerOf(...shared, ...own)
    for (let i = 0; i < 20; i++) {
      const rows = targets.map((_, slot) => withValues(rowOf(HISTORY, i), { cpu: 30 + (slot % 3) * i }))
      const matrix: FeatureMatrix = matrixAt(START + (300 + i) * MINUTE, targets, rows)
      batch.score(matrix, [0, 1, 2, 3, 4, 5])
      for (const slot of [5, 0, 3, 1, 4, 2]) single.score(matrix, [slot])
    }

    for (let slot = 0; slot < 3; slot++) {
      expect(stateOf(batch, slot)).toEqual(stateOf(single, slot))
      // The same weights, shared or a copy of one's own.
      expect(stateOf(batch, slot + 3)).toEqual(stateOf(batch, slot))
    }
  })

  it('gives each slot of a fleet that does not pass at once the same scores', () => {
    const slots = Array.from({ length: 600 }, (_, slot) => slot)
    const fleet = scorerOf(...slots.map(() => MODEL))
    const alone = scorerOf(MODEL)
    for (let i = ROWS; i < ROWS + 3; i++) {
      const rows = slots.map(() => rowOf(HISTORY, i))
      fleet.score(
        matrixAt(
          HISTORY.times[i],
          slots.map((slot) => host(`h${slot}`)),
          rows,
        ),
        slots,
      )
      scoreRow(alone, HISTORY.times[i], rows[0])
    }

    for (const slot of [0, 255, 256, 599]) expect(stateOf(fleet, slot)).toEqual(stateOf(alone, 0))
  })

  it('keeps nothing of the memory that came with a model', () => {
    expect(scorerOf(MODEL).model(0)).toEqual({ weights: MODEL.weights, scaler: MODEL.scaler })
  })

  it('begins anew for another target in the same slot', () => {
    const used = scorerOf(MODEL)
    scoreRows(used, ROWS, ROWS + 30)
    scoreRow(used, HISTORY.times[ROWS + 30], withValues(rowOf(HISTORY, ROWS + 30), { cpu: 3_000 }))
    used.clear(0)
    expect(used.has(0)).toBe(false)
    expect(used.combined[0]).toBeNaN()
    expect(used.anomaly[0]).toBeNaN()
    const withoutMemory = { weights: MODEL.weights, scaler: MODEL.scaler }
    used.adopt(0, withoutMemory)
    const fresh = scorerOf(withoutMemory)

    const from = ROWS + 31

    expect(scoreRows(used, from, from + 20)).toEqual(scoreRows(fresh, from, from + 20))
    expect(used.contributions(0, rowOf(HISTORY, from + 20), 0, NAMES)).toEqual(
      fresh.contributions(0, rowOf(HISTORY, from + 20), 0, NAMES),
    )
  })

  it('has no score for a slot without a model', () => {
    const scorer = scorerOf(undefined, MODEL)

    scorer.score(matrixAt(END, [A, host('b')], [rowOf(HISTORY, ROWS), rowOf(HISTORY, ROWS)]), [0, 1])

    expect(scorer.combined[0]).toBeNaN()
    expect(scorer.combined[1]).toBeGreaterThan(0)
  })

  it('keeps what it knows of its slots when there are more of them', () => {
    const small = scorerOf(MODEL)
    const grown = scorerOf(MODEL)
    scoreRows(small, ROWS, ROWS + 10)
    scoreRows(grown, ROWS, ROWS + 10)

    grown.grow(50)

    expect(scoreRows(grown, ROWS + 10, ROWS + 20)).toEqual(scoreRows(small, ROWS + 10, ROWS + 20))
    expect(grown.combined[49]).toBeNaN()
  })

  it.each([
    ['a gap of three days', 3 * 24 * 60],
    ['a gap of three hours', 3 * 60],
    ['a clock that was set back by ten days', -10 * 24 * 60],
    ['a clock that was set back by a minute', -1],
  ])('has ordinary scores again after %s', (_, minutes) => {
    const scorer = scorerOf(MODEL)
    scoreRows(scorer, ROWS, ROWS + 50)
    const scores: number[] = []
    for (let i = 0; i < 100; i++) {
      const at = HISTORY.times[ROWS + 50] + (minutes + i) * MINUTE
      scores.push(scoreRow(scorer, at, rowOf(HISTORY, ROWS + 50 + i)))
    }

    expect(scores.every(Number.isFinite)).toBe(true)
    expect(Math.max(...scores)).toBeLessThan(3)
    const row = withValues(rowOf(HISTORY, ROWS + 150), { requests: 2_000 })
    expect(scoreRow(scorer, HISTORY.times[ROWS + 50] + (minutes + 100) * MINUTE, row)).toBeGreaterThan(3)
    expect(scorer.contributions(0, row, 0, NAMES)[0].feature).toBe('requests')
  })

  it('does not take one wild reading after an outage for what is usual now', () => {
    const scorer = scorerOf(MODEL)
    const control = scorerOf(MODEL)
    const back = END + 3 * 24 * 60 * MINUTE
    scoreRow(scorer, back, withValues(rowOf(HISTORY, ROWS), { cpu: 500, load: 90, requests: 9_000 }))
    scoreRow(control, back, rowOf(HISTORY, ROWS))
    const later = back + 6 * 60 * MINUTE
    scoreRow(scorer, later, rowOf(HISTORY, ROWS + 10))
    scoreRow(control, later, rowOf(HISTORY, ROWS + 10))

    const spike = withValues(rowOf(HISTORY, ROWS + 11), { requests: 1_500 })

    expect(scoreRow(scorer, later + MINUTE, spike)).toBeGreaterThan(0.7 * scoreRow(control, later + MINUTE, spike))
  })

  it('explains a score that lasts by the event behind it, and a new event by itself', () => {
    const scorer = scorerOf(MODEL)
    scoreRows(scorer, ROWS, ROWS + 20)
    const firstAfter = (minutes: number, change = {}) => {
      const row = withValues(rowOf(HISTORY, ROWS + 20 + minutes), change)
      scoreRow(scorer, HISTORY.times[ROWS + 20 + minutes], row)
      return scorer.contributions(0, row, 0, NAMES)[0].feature
    }

    const named = [firstAfter(0, { requests: 3_000 }), firstAfter(1), firstAfter(4), firstAfter(5, { load: 60 })]

    expect(named).toEqual(['requests', 'requests', 'requests', 'load'])
  })

  it('follows drift: errors that are larger for days count for less', () => {
    const scorer = scorerOf(MODEL)
    const noisy = (i: number) => {
      const row = rowOf(HISTORY, i % ROWS)
      return withValues(row, { load: row[1] * (i % 2 === 0 ? 0.3 : 1.7) })
    }
    const mean = (from: number, to: number) => {
      let sum = 0
      for (let i = from; i < to; i++) sum += scoreRow(scorer, END + i * 5 * MINUTE, noisy(i))
      return sum / (to - from)
    }

    const atFirst = mean(1, 30)
    mean(30, 800)

    expect(mean(800, 830)).toBeLessThan(0.75 * atFirst)
  })

  it('rescores the same rows to the same numbers', () => {
    const once = rescore(TRAINING, MODEL, kernel, MINUTE)

    expect(rescore(TRAINING, MODEL, kernel, MINUTE)).toEqual(once)
  })
})

const ORIGIN = {
  unit: 'group:node',
  scope: 'group',
  createdAt: END,
  fromMs: START,
  toMs: END,
  stepMs: MINUTE,
  cleaning: { rows: ROWS, forwardFilled: 0, missing: 0, droppedRows: 0 },
} as const
