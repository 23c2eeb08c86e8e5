import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pointMeasures } from './auc.ts'
import { labels, type Segment } from './dataset.ts'
import { alarmEvents, judgeAlarms, recallAtBudget } from './events.ts'
import { hit100 } from './hit100.ts'
import { vusPr } from './vus-pr.ts'

const SEGMENTS: readonly Segment[] = [
  [0, 6],
  [90, 110],
  [118, 121],
  [250, 250],
  [380, 399],
]

/** 400 scores to three digits, so that some tie: an ANSI C generator, plus half the number seven rows ago inside segments. */
function syntheticScores(): Float64Array {
  let state = 1
  const uniform = Float64Array.from({ length: 400 }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state + 0.5) / 2147483648
  })
  const inside = labels(SEGMENTS, 400)
  return uniform.map((u, row) => Math.round((u + 0.5 * inside[row] * uniform[(row + 393) % 400]) * 1000) / 1000)
}

describe('point measures and VUS-PR', () => {
  // By a second implementation that follows TSB-AD's definition one threshold and one width at a time, and scikit-learn 1.2.1.
  it('agree with the reference on a synthetic score with ties and segments at both ends', () => {
    const scores = syntheticScores()
    const points = pointMeasures(scores, labels(SEGMENTS, 400))

    expect(vusPr(scores, SEGMENTS, 30)).toBeCloseTo(0.5384819239155361, 12)
    expect(points.aucPr).toBeCloseTo(0.4599868224269906, 12)
    expect(points.aucRoc).toBeCloseTo(0.7508563971507802, 12)
    expect(points.bestF1).toBeCloseTo(0.4, 12)
  })

  it('are 1 for a score that is the label', () => {
    const scores = labels([[40, 59]], 100)

    expect(pointMeasures(scores, scores)).toEqual({ aucPr: 1, aucRoc: 1, bestF1: 1 })
    expect(vusPr(scores, [[40, 59]], 0)).toBeCloseTo(1, 12)
  })

  it('do not change when scores are stretched', () => {
    const score = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 60, maxLength: 300 })

    fc.assert(
      fc.property(score, (scores) => {
        const stretched = scores.map((value) => value ** 3 * 2 + 5)
        expect(vusPr(stretched, [[20, 30]], 10)).toBe(vusPr(scores, [[20, 30]], 10))
        expect(recallAtBudget(stretched, [[20, 30]], 60_000)).toBe(recallAtBudget(scores, [[20, 30]], 60_000))
      }),
    )
  })

  it('refuse a score that is NaN', () => {
    expect(() => vusPr([1, Number.NaN, 2], [[0, 1]], 1)).toThrow('row 1')
    expect(() => pointMeasures([1, Number.NaN], [0, 1])).toThrow('row 1')
  })
})

interface Vector {
  readonly segments: Segment[]
  readonly score: number[]
  readonly expect: {
    readonly vus_pr: number
    readonly auc_pr: number
    readonly auc_roc: number
    readonly best_f1: number
  }
}

function readVectors<T>(path: string): (Vector & T)[] {
  return JSON.parse(readFileSync(path, 'utf8'))
}

function expectMeasures({ segments, score, expect: expected }: Vector, buffer: number): void {
  const points = pointMeasures(score, labels(segments, score.length))

  expect(vusPr(score, segments, buffer)).toBeCloseTo(expected.vus_pr, 13)
  expect(points.aucPr).toBeCloseTo(expected.auc_pr, 13)
  expect(points.aucRoc).toBeCloseTo(expected.auc_roc, 13)
  expect(points.bestF1).toBeCloseTo(expected.best_f1, 13)
}

const OWN_VECTORS = join(import.meta.dirname, 'fixtures/metric-vectors.json')

it.each(readVectors<{ what: string; buffer: number }>(OWN_VECTORS))(
  'the measures come out as a second implementation has them: $what',
  (vector) => {
    expectMeasures(vector, vector.buffer)
  },
)

const vectors = join(process.env['HOMEOSTAT_BENCH_DATA'] ?? '', 'metric_vectors.json')

it.skipIf(!existsSync(vectors))('the vectors beside the data come out as expected', () => {
  for (const vector of readVectors<{ L: number }>(vectors)) expectMeasures(vector, vector.L)
})

const MINUTE = 60_000

function alarmsAt(rows: number, ...alarmed: number[]): Uint8Array {
  const alarms = new Uint8Array(rows)
  for (const row of alarmed) alarms[row] = 1
  return alarms
}

describe('alarm events', () => {
  it('merge over ten minutes, not over eleven', () => {
    expect(alarmEvents(alarmsAt(100, 5, 15, 26), 10)).toEqual([
      [5, 15],
      [26, 26],
    ])
  })

  it('are false unless they touch a segment widened by ten minutes', () => {
    const judge = (row: number) => judgeAlarms(alarmsAt(1440, row), [[100, 120]], MINUTE).falseAlarmsPerDay

    expect([89, 90, 110, 130, 131].map(judge)).toEqual([1, 0, 0, 0, 1])
  })

  it('count recall, delay and normal time in alarm', () => {
    const segments: Segment[] = [
      [100, 119],
      [300, 319],
    ]

    const result = judgeAlarms(alarmsAt(1440, 95, 104, 105, 700), segments, 5 * MINUTE)

    expect(result.recall).toBe(1 / 2)
    expect(result.delaysMinutes).toEqual([(104 - 100) * 5])
    expect(result.normalTimeInAlarm).toBe(2 / (1440 - 40))
    expect(result.falseAlarmsPerDay).toBe(2 / 5)
  })
})

describe('rec@1', () => {
  it('is the best of all thresholds that keep the budget, tried one by one', () => {
    const score = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 300, maxLength: 700 })

    fc.assert(
      fc.property(score, fc.integer({ min: 0, max: 200 }), (scores, start) => {
        const segments: Segment[] = [
          [start, start + 4],
          [start + 20, start + 60],
        ]
        const each = [...new Set(scores)].map((limit) =>
          judgeAlarms(
            scores.map((value) => (value >= limit ? 1 : 0)),
            segments,
            5 * MINUTE,
          ),
        )
        const kept = each.filter((one) => one.falseAlarmsPerDay <= 1 && one.normalTimeInAlarm <= 0.02)
        expect(recallAtBudget(scores, segments, 5 * MINUTE)).toBe(Math.max(0, ...kept.map((one) => one.recall)))
      }),
      { numRuns: 200 },
    )
  })

  it('finds a segment that stands out, and not one that does not', () => {
    const scores = new Float64Array(1440).fill(1)
    scores[200] = 9

    expect(recallAtBudget(scores, [[195, 205]], MINUTE)).toBe(1)
    expect(recallAtBudget(scores, [[195, 199]], MINUTE)).toBe(0)
  })
})

describe('hit100', () => {
  it('compares the first n named columns with the n true ones, where the score is highest', () => {
    const scores = [0, 1, 3, 2, 0, 5]
    const named = [[], [], [4, 1, 0], [9], [], [7, 8]]

    const share = hit100(
      scores,
      [
        [1, 3],
        [4, 4],
        [5, 5],
      ],
      [[0, 4], [], [7]],
      (row) => named[row],
    )

    expect(share).toBe((1 / 2 + 1 / 1) / 2)
  })
})
