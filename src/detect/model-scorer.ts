import type { FeatureMatrix } from '../domain/feature-matrix.ts'
import type { Contribution } from '../domain/verdict.ts'
import { enlarged } from './arrays.ts'
import { contributionsOf } from './contributions.ts'
import { ErrorScale, meanOfThreeLargest } from './error-scale.ts'
import type { Kernel } from './kernel/kernel.ts'
import {
  autoencoderInputs,
  byMember,
  forecastInputs,
  MEMBERS,
  type Member,
  type ModelWeights,
  type ScorerMemory,
  type TargetModel,
} from './model.ts'
import { createInputRows, fromRange, type InputRows, inRange, writeInputs } from './model-inputs.ts'
import { DAY, RecentPast } from './recent-past.ts'
import { fromDeviation, type Scaler } from './scaler.ts'

/** The detectors that need a trained model, for all targets that have one. All arrays are by slot. */
export interface ModelScorer {
  grow(slots: number): void
  clear(slot: number): void
  has(slot: number): boolean
  /** From the next reading on the slot is scored by this model, and remembers what the model remembers. */
  adopt(slot: number, model: TargetModel): void
  model(slot: number): TargetModel | undefined
  /** Scores the fresh rows of the matrix, then takes them into the memory of the recent past. */
  score(matrix: FeatureMatrix, slots: readonly number[]): void
  /** The autoencoder's mean squared error over scaled features. */
  readonly anomaly: Float64Array
  /** All members combined; about 1 where the rarest training rows lay. */
  readonly combined: Float64Array
  /** Each member's score in units of its own rarest training scores. */
  readonly members: Readonly<Record<Member, Float64Array>>
  /** Each member's score on the last reading, not calibrated: before smoothing, and smoothed. */
  readonly sudden: Readonly<Record<Member, Float64Array>>
  readonly lasting: Readonly<Record<Member, Float64Array>>
  /** What the members, weighed together, expected of the slot's last reading, in deviations; a view of `width` numbers. */
  expectation(slot: number): Float32Array
  contributions(slot: number, row: ArrayLike<number>, offset: number, names: readonly string[]): Contribution[]
  /**
   * How far the inputs of a slot that has a model have moved since its training: root mean square over the features of
   * the average over a day, in deviations. 0 is as in training.
   */
  drift(slot: number): number
  /** What is remembered of a slot that has a model. */
  memory(slot: number): ScorerMemory
  /** Goes on from what was kept. Call after `adopt`. */
  recall(slot: number, memory: ScorerMemory): void
}

export interface ModelScorerOptions {
  readonly width: number
  readonly intervalMs: number
  readonly kernel: Kernel
}

/** Half-life of the smoothing of scores, at least, and in readings. A single odd reading is rarely an incident. */
const SMOOTHING_MS = 5 * 60_000
const SMOOTHING_READINGS = 3
/** A reading as rare as the rarest of training is explained by itself, even while an earlier event still lasts. */
const RARE_READING = 1

/**
 * Scores targets by how far a reading lies from what each member expects, feature by feature, each error in units of
 * what is usual for it; a member's score is the mean of its three largest errors. The members' scores are weighed
 * together twice, smoothed over a few minutes and as they are; the larger counts, so that a sudden event is not delayed.
 */
export function createModelScorer({ width, intervalMs, kernel }: ModelScorerOptions): ModelScorer {
  const past = new RecentPast(width)
  const scales = byMember(() => new ErrorScale(width))
  const smoothingMs = Math.max(SMOOTHING_MS, SMOOTHING_READINGS * intervalMs)
  const models: (TargetModel | undefined)[] = []
  let scratch = createScratch(0, width)
  const errors = new Float32Array(width)
  /** The members' errors on one reading, weighed together. */
  const weighed = new Float32Array(width)
  let anomaly = new Float64Array(0)
  let combined = new Float64Array(0)
  let lastAt = new Float64Array(0)
  let smoothed = byMember(() => new Float64Array(0))
  let scores = byMember(() => new Float64Array(0))
  let raw = byMember(() => new Float64Array(0))
  /** By slot and feature: what the members expected of the last reading. */
  let expected = new Float32Array(0)
  /** By slot and feature: errors smoothed as the scores are, and the errors that the last score came from. */
  let lastingErrors = new Float32Array(0)
  let explained = new Float32Array(0)

  function prepare(matrix: FeatureMatrix, slot: number, i: number, model: TargetModel): void {
    writeInputs(past, slot, matrix.at, matrix.values, slot * width, model, scratch, i)
  }

  /** Turns what the members expect into errors, scores and an explanation for one slot. */
  function conclude(at: number, slot: number, i: number, model: TargetModel): void {
    const { deviations, baseline, forecastOut, autoencoderOut } = scratch
    const { weights, scaler } = model
    const row = i * width
    if (weights.plan.scaling === 'minmax') {
      anomaly[slot] = rangeError(scaler, deviations, autoencoderOut, row)
      fromRange(scaler, autoencoderOut, row)
    } else anomaly[slot] = meanSquaredError(scratch.capped, autoencoderOut, row, width)
    const gain = Number.isNaN(lastAt[slot]) ? 1 : 1 - 2 ** (-Math.max(0, at - lastAt[slot]) / smoothingMs)
    const base = slot * width
    weighed.fill(0)
    expected.fill(0, base, base + width)
    let lasting = 0
    let sudden = 0
    const expectations = { autoencoder: autoencoderOut, forecast: forecastOut, baseline }
    for (const member of MEMBERS) {
      const { usual, reference, suddenReference, weight } = weights.members[member]
      const expectation = expectations[member]
      for (let f = 0; f < width; f++) errors[f] = Math.abs(deviations[row + f] - expectation[row + f])
      scales[member].normalize(slot, at, usual, errors, 0)
      const score = meanOfThreeLargest(errors, 0, width)
      smoothed[member][slot] += gain * (score - smoothed[member][slot])
      raw[member][slot] = score
      const slow = smoothed[member][slot] / reference
      const fast = score / suddenReference
      scores[member][slot] = Math.max(slow, fast)
      lasting += weight * slow
      sudden += weight * fast
      for (let f = 0; f < width; f++) {
        weighed[f] += weight * errors[f]
        expected[base + f] += weight * expectation[row + f]
      }
    }
    combined[slot] = Math.max(lasting, sudden)
    for (let f = 0; f < width; f++) lastingErrors[base + f] += gain * (weighed[f] - lastingErrors[base + f])
    const speaksForItself = sudden >= lasting || sudden >= RARE_READING
    explained.set(speaksForItself ? weighed : lastingErrors.subarray(base, base + width), base)
    lastAt[slot] = at
  }

  function runMembers({ slots, shared, own }: Batch): void {
    const { forecastIn, forecastOut, autoencoderIn, autoencoderOut } = scratch
    const rows = slots.length
    const { plan } = shared ?? own[0]
    const networkIn = autoencoderIn.subarray(0, rows * autoencoderInputs(plan, width))
    const networkOut = autoencoderOut.subarray(0, rows * width)
    const linearIn = forecastIn.subarray(0, rows * forecastInputs(width))
    const linearOut = forecastOut.subarray(0, rows * width)
    if (shared !== undefined) {
      shared.autoencoder.infer(rows, networkIn, networkOut)
      shared.forecast.apply(rows, linearIn, linearOut)
      return
    }
    kernel.inferEach(
      own.map((weights) => weights.autoencoder),
      networkIn,
      networkOut,
    )
    kernel.applyEach(
      own.map((weights) => weights.forecast),
      linearIn,
      linearOut,
    )
  }

  function recall(slot: number, memory: ScorerMemory): void {
    const at = memory.smoothed[MEMBERS.length]
    past.import(slot, memory.past)
    for (const [m, member] of MEMBERS.entries()) {
      scales[member].import(slot, at, memory.errors[member])
      smoothed[member][slot] = memory.smoothed[m]
    }
    lastAt[slot] = at
  }

  return {
    get anomaly() {
      return anomaly
    },
    get combined() {
      return combined
    },
    get members() {
      return scores
    },
    get sudden() {
      return raw
    },
    get lasting() {
      return smoothed
    },
    grow(slots) {
      past.grow(slots)
      anomaly = enlarged(anomaly, slots, Number.NaN)
      combined = enlarged(combined, slots, Number.NaN)
      lastAt = enlarged(lastAt, slots, Number.NaN)
      expected = enlarged(expected, slots * width)
      lastingErrors = enlarged(lastingErrors, slots * width)
      explained = enlarged(explained, slots * width)
      for (const member of MEMBERS) scales[member].grow(slots)
      smoothed = byMember((member) => enlarged(smoothed[member], slots))
      scores = byMember((member) => enlarged(scores[member], slots, Number.NaN))
      raw = byMember((member) => enlarged(raw[member], slots, Number.NaN))
    },
    clear(slot) {
      past.clear(slot)
      lastingErrors.fill(0, slot * width, (slot + 1) * width)
      models[slot] = undefined
      anomaly[slot] = combined[slot] = lastAt[slot] = Number.NaN
      for (const member of MEMBERS) {
        smoothed[member][slot] = 0
        scores[member][slot] = Number.NaN
      }
    },
    has: (slot) => models[slot] !== undefined,
    model: (slot) => models[slot],
    adopt(slot, model) {
      // Without the memory that came with it, of which a copy is made below: it would stay for as long as the model.
      models[slot] = { weights: model.weights, scaler: model.scaler }
      past.clear(slot)
      lastAt[slot] = Number.NaN
      for (const member of MEMBERS) {
        scales[member].reset(slot, model.weights.members[member].usual)
        smoothed[member][slot] = 0
      }
      if (model.memory !== undefined) recall(slot, model.memory)
    },
    recall,
    score(matrix, slots) {
      // As with services that push: one slot at a time, and never a model.
      if (!slots.some((slot) => models[slot] !== undefined)) return
      for (const batch of batchesOf(slots, models)) {
        const rows = batch.slots.length
        scratch = rows <= scratch.rows ? scratch : createScratch(rows, width)
        for (let i = 0; i < rows; i++) prepare(matrix, batch.slots[i], i, models[batch.slots[i]]!)
        runMembers(batch)
        for (let i = 0; i < rows; i++) {
          const slot = batch.slots[i]
          conclude(matrix.at, slot, i, models[slot]!)
          past.advance(slot, matrix.at, scratch.capped, i * width)
        }
      }
    },
    expectation: (slot) => expected.subarray(slot * width, (slot + 1) * width),
    contributions(slot, row, offset, names) {
      const { scaler } = models[slot]!
      const base = slot * width
      return contributionsOf(
        names,
        (f) => explained[base + f],
        row,
        offset,
        (f) => fromDeviation(scaler, f, expected[base + f]),
      )
    },
    drift: (slot) => rootMeanSquare(past.average(slot, DAY)),
    memory: (slot) => ({
      past: past.export(slot),
      errors: byMember((member) => scales[member].export(slot)),
      smoothed: Float64Array.of(...MEMBERS.map((member) => smoothed[member][slot]), lastAt[slot]),
    }),
  }
}

interface Scratch extends InputRows {
  readonly rows: number
  readonly forecastOut: Float32Array
  readonly autoencoderOut: Float32Array
}

function createScratch(rows: number, width: number): Scratch {
  return {
    rows,
    ...createInputRows(rows, width, true),
    forecastOut: new Float32Array(rows * width),
    autoencoderOut: new Float32Array(rows * width),
  }
}

/** Rows that pass the members together: what is computed on the way stays in the cache, whatever the size of the fleet. */
const TOGETHER = 256

/** Slots that share weights, or such as have their own, one each. */
interface Batch {
  readonly slots: readonly number[]
  readonly shared?: ModelWeights
  readonly own: readonly ModelWeights[]
}

/** The slots with a model, those with weights of their own first. */
function batchesOf(slots: readonly number[], models: readonly (TargetModel | undefined)[]): Batch[] {
  const byWeights = new Map<ModelWeights, number[]>()
  for (const slot of slots) {
    const weights = models[slot]?.weights
    if (weights === undefined) continue
    const users = byWeights.get(weights)
    if (users === undefined) byWeights.set(weights, [slot])
    else users.push(slot)
  }
  const alone = [...byWeights].filter(([, users]) => users.length === 1)
  const together = [...byWeights].filter(([, users]) => users.length > 1)
  return [
    ...pieces(alone).map((some) => ({ slots: some.map(([, [slot]]) => slot), own: some.map(([weights]) => weights) })),
    ...together.flatMap(([shared, users]) => pieces(users).map((some) => ({ slots: some, shared, own: [] }))),
  ]
}

function pieces<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / TOGETHER) }, (_, i) => all.slice(i * TOGETHER, (i + 1) * TOGETHER))
}

function rangeError(scaler: Scaler, deviations: Float32Array, output: Float32Array, row: number): number {
  let squares = 0
  const width = scaler.range.length
  for (let f = 0; f < width; f++) squares += (inRange(scaler, f, deviations[row + f]) - output[row + f]) ** 2
  return squares / width
}

function rootMeanSquare(values: Float32Array): number {
  let squares = 0
  for (const value of values) squares += value * value
  return Math.sqrt(squares / values.length)
}

function meanSquaredError(actual: Float32Array, expected: Float32Array, row: number, width: number): number {
  let squares = 0
  for (let f = 0; f < width; f++) squares += (actual[row + f] - expected[row + f]) ** 2
  return squares / width
}
