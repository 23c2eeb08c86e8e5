import { createBudget, observe, seed, threshold } from '../../src/detect/threshold/budget.ts'
import { pointMeasures } from './auc.ts'
import type { Baseline, BaselineScores } from './baselines/baseline.ts'
import { type BenchHost, labels, rowCount } from './dataset.ts'
import { judgeAlarms, recallAtBudget } from './events.ts'
import { hit100 } from './hit100.ts'
import type { EvaluatedRow, EvaluateHost } from './ours.ts'
import { vusPr } from './vus-pr.ts'

/** Buffer of VUS-PR. */
const BUFFER_MS = 100 * 60_000
/** The data carry no clock. */
const FIRST_ROW_AT = Date.UTC(2026, 0, 1)

/** All measures of one method on one host; shares are 0–1, NaN where a measure does not apply. */
export interface Measures {
  readonly vusPr: number
  readonly aucPr: number
  readonly aucRoc: number
  readonly bestF1: number
  readonly recallAtBudget: number
  readonly labelFreeRecall: number
  readonly falseAlarmsPerDay: number
  readonly normalTimeInAlarm: number
  readonly medianDelayMinutes: number
  readonly hit100: number
  /** Test rows scored a second, training not counted; for a baseline with it. */
  readonly rowsPerSecond: number
}

/** A method's output on one host, in the form that the measures and the report need. */
export interface Outcome {
  readonly method: string
  readonly host: BenchHost
  readonly scores: Float64Array
  /** In units of the threshold in force; NaN throughout where the method has none. */
  readonly level: Float64Array
  readonly alarms: Uint8Array
  /** Column indices of a row, strongest first; undefined where the method names none. */
  readonly topFeatures?: (row: number) => ArrayLike<number>
  readonly rowsPerSecond: number
}

/** Runs the shipped detector over one host. */
export function runShipped(evaluate: EvaluateHost, host: BenchHost, seedNumber: number): Outcome {
  const rows: EvaluatedRow[] = []
  let firstAt = performance.now()
  for (const row of evaluate(host.train, host.test, { seed: seedNumber })) {
    // The first row comes after the training, so the clock starts there.
    if (rows.length === 0) firstAt = performance.now()
    rows.push(row)
  }
  if (rows.length !== rowCount(host.test))
    throw new Error(`${host.name}: ${rows.length} rows of ${rowCount(host.test)}`)
  return {
    method: 'Homeostat',
    host,
    scores: Float64Array.from(rows, (row) => row.combinedScore),
    level: Float64Array.from(rows, (row) => row.level),
    alarms: Uint8Array.from(rows, (row) => (row.detected ? 1 : 0)),
    topFeatures: (row) => rows[row].topFeatures,
    rowsPerSecond: ((rows.length - 1) * 1000) / (performance.now() - firstAt),
  }
}

/** Runs a baseline; one without an alarm rule gets our false-alarm budget, so that only the scores differ. */
export function runBaseline(baseline: Baseline, host: BenchHost, seedNumber: number): Outcome {
  const startedAt = performance.now()
  const scored = baseline.score(host.train, host.test, seedNumber)
  const rowsPerSecond = (rowCount(host.test) * 1000) / (performance.now() - startedAt)
  const level =
    scored.alarms === undefined ? budgetLevels(scored, host) : new Float64Array(scored.test.length).fill(NaN)
  return {
    method: baseline.name,
    host,
    scores: scored.test,
    level,
    alarms: scored.alarms ?? Uint8Array.from(level, (value) => (value > 1 ? 1 : 0)),
    topFeatures: scored.parts && ranking(scored.parts, host.test.names.length),
    rowsPerSecond,
  }
}

/** Scores in units of the budget's threshold, which starts from the training scores and follows the test rows. */
export function budgetLevels(scored: BaselineScores, host: BenchHost): Float64Array {
  const { intervalMs } = host.test
  const budget = createBudget({ blockMs: Math.max(intervalMs, 10 * 60_000) })
  const train = scored.train ?? new Float64Array(0)
  seed(
    budget,
    train.map((_, row) => FIRST_ROW_AT + row * intervalMs),
    train,
  )
  return scored.test.map((score, row) => {
    const at = FIRST_ROW_AT + (train.length + row) * intervalMs
    const limit = threshold(budget, at)
    observe(budget, at, score)
    return score / limit
  })
}

function ranking(parts: Float32Array, width: number) {
  return (row: number) => {
    const own = parts.subarray(row * width, (row + 1) * width)
    return Int32Array.from(own, (_, column) => column).sort((a, b) => own[b] - own[a])
  }
}

export function measure({ host, scores, alarms, topFeatures, rowsPerSecond }: Outcome): Measures {
  const { segments, test, causes } = host
  const points = pointMeasures(scores, labels(segments, scores.length))
  const judged = judgeAlarms(alarms, segments, test.intervalMs)
  return {
    vusPr: vusPr(scores, segments, Math.round(BUFFER_MS / test.intervalMs)),
    ...points,
    recallAtBudget: recallAtBudget(scores, segments, test.intervalMs),
    labelFreeRecall: judged.recall,
    falseAlarmsPerDay: judged.falseAlarmsPerDay,
    normalTimeInAlarm: judged.normalTimeInAlarm,
    medianDelayMinutes: median(judged.delaysMinutes),
    hit100: topFeatures === undefined ? Number.NaN : hit100(scores, segments, causes, topFeatures),
    rowsPerSecond,
  }
}

/** Middle value, or the mean of the two middle ones; NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Mean of each measure over the hosts where it applies. */
export function meanOf(all: readonly Measures[]): Measures {
  const keys = Object.keys(all[0]) as (keyof Measures)[]
  const mean = (key: keyof Measures) => {
    const known = all.map((one) => one[key]).filter((value) => !Number.isNaN(value))
    return known.reduce((sum, value) => sum + value, 0) / known.length
  }
  return Object.fromEntries(keys.map((key) => [key, mean(key)])) as unknown as Measures
}
