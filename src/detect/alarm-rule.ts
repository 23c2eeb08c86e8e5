import {
  type Budget,
  type BudgetMemory,
  type BudgetOptions,
  createBudget,
  exportBudget,
  importBudget,
  observe,
  seed,
  setAlarmsPerDay,
  threshold,
} from './threshold/budget.ts'

export type ThresholdMode = 'budget' | 'normality' | 'sigma' | 'percentile' | 'fixed' | 'any'

/** What a reading of one target gave, before any threshold. NaN where a detector is not ready. */
export interface RawScores {
  /** Autoencoder's reconstruction error. */
  readonly anomaly: number
  /** Detectors with a trained model, combined. */
  readonly combined: number
  /** Detectors without one, in units of the threshold that theory sets. */
  readonly young: number
  /** KIRA's rule, above 1 when it flags. */
  readonly any: number
}

export interface AlarmLevels {
  /** All detectors, before any threshold; what `level` is counted in where the mode is `budget`. */
  readonly combined: number
  readonly level: number
  /** For `anomaly`, same scale. */
  readonly anomalyThreshold: number
}

/** What training leaves behind for the threshold. */
export interface ThresholdSeed {
  readonly times: Float64Array
  readonly combined: Float64Array
  readonly anomaly: Float64Array
  /** Threshold for `anomaly` by the modes that look at validation errors; NaN for the other modes. */
  readonly anomalyThreshold: number
}

/**
 * Turns raw scores into levels, slot by slot. Mode `budget` counts in thresholds of the combined score; `normality`,
 * `sigma`, `percentile` and `fixed` in thresholds of the autoencoder's error; `any` is KIRA's rule. A target without a
 * model yet is judged by its young detectors: 1 is what theory allows, more when its own past was noisier.
 */
export interface AlarmRule {
  levelOf(slot: number, at: number, raw: RawScores): AlarmLevels
  /** Begins with the scores of the training rows; forgets what was remembered for the slot. */
  adopt(slot: number, seed: ThresholdSeed): void
  /**
   * Gives a slot a budget of its own until it is cleared, in force from its next reading on. The number that it has
   * already changes nothing.
   *
   * @throws {RangeError} unless above 0
   */
  setAlarmsPerDay(slot: number, alarmsPerDay: number): void
  clear(slot: number): void
  /** What is remembered of a slot that has a model, to be kept over a restart; undefined for the others. */
  memory(slot: number): AlarmMemory | undefined
  /** Goes on from what was kept. Call after `adopt`. */
  recall(slot: number, memory: AlarmMemory): void
}

export interface AlarmMemory {
  readonly combined: BudgetMemory
  readonly anomaly: BudgetMemory
}

interface Memory {
  readonly combined: Budget
  readonly anomaly: Budget
  readonly anomalyThreshold: number
  readonly trained: boolean
}

/** Combined scores are about 1 where training scores are rare: far below that nothing is an alarm, however rare. */
const LEAST_COMBINED = 0.1
/** Validation errors of features that never moved may all be 0; a level stays a number. */
const LEAST = 1e-9

/** Multiples of the golden ratio spread evenly over 0–1. */
const GOLDEN = (Math.sqrt(5) - 1) / 2

export function createAlarmRule(mode: ThresholdMode, budget: Partial<BudgetOptions>): AlarmRule {
  const memories: (Memory | undefined)[] = []
  /** By slot, where it is not that of the options. */
  const ownBudgets: (number | undefined)[] = []

  /** The threshold in force before this score, which is remembered afterwards: no score has a say in its own verdict. */
  const judge = (memory: Budget, at: number, score: number) => {
    const inForce = threshold(memory, at)
    observe(memory, at, score)
    return inForce
  }

  // Thresholds of a fleet that started together are worked out one after the other, not all in one tick; none so soon
  // that an incident under way at the start has a say in the first.
  const phaseOf = (slot: number) => 1 - ((slot * GOLDEN) % 1) / 2
  const fresh = (slot: number): Memory => {
    const alarmsPerDay = ownBudgets[slot]
    const own = alarmsPerDay === undefined ? budget : { ...budget, alarmsPerDay }
    return {
      combined: createBudget({ least: LEAST_COMBINED, ...own }, phaseOf(slot)),
      anomaly: createBudget(own, phaseOf(slot)),
      anomalyThreshold: Number.NaN,
      trained: false,
    }
  }

  return {
    levelOf(slot, at, { anomaly, combined, young, any }) {
      memories[slot] ??= fresh(slot)
      const memory = memories[slot]
      if (!memory.trained) {
        // Infinity, nothing remembered yet, leaves theory's word.
        const learnt = judge(memory.combined, at, young)
        const level = mode === 'any' ? any : young / Math.max(1, Number.isFinite(learnt) ? learnt : 1)
        return { combined: young, level, anomalyThreshold: Number.NaN }
      }
      const combinedThreshold = judge(memory.combined, at, combined)
      const anomalyBudget = judge(memory.anomaly, at, anomaly)
      const anomalyThreshold = mode === 'budget' || mode === 'any' ? anomalyBudget : memory.anomalyThreshold
      if (mode === 'any') return { combined, level: any, anomalyThreshold }
      const level = mode === 'budget' ? combined / combinedThreshold : anomaly / Math.max(LEAST, anomalyThreshold)
      return { combined, level, anomalyThreshold }
    },
    adopt(slot, given) {
      const memory = { ...fresh(slot), anomalyThreshold: given.anomalyThreshold, trained: true }
      seed(memory.combined, given.times, given.combined)
      seed(memory.anomaly, given.times, given.anomaly)
      memories[slot] = memory
    },
    setAlarmsPerDay(slot, alarmsPerDay) {
      if (!(alarmsPerDay > 0)) throw new RangeError(`alarms per day must be above 0, got ${alarmsPerDay}`)
      if (alarmsPerDay === (ownBudgets[slot] ?? budget.alarmsPerDay)) return
      ownBudgets[slot] = alarmsPerDay
      const memory = memories[slot]
      if (memory === undefined) return
      setAlarmsPerDay(memory.combined, alarmsPerDay)
      setAlarmsPerDay(memory.anomaly, alarmsPerDay)
    },
    clear(slot) {
      memories[slot] = undefined
      ownBudgets[slot] = undefined
    },
    memory(slot) {
      const memory = memories[slot]
      if (!memory?.trained) return undefined
      return { combined: exportBudget(memory.combined), anomaly: exportBudget(memory.anomaly) }
    },
    recall(slot, kept) {
      const memory = memories[slot]
      if (!memory?.trained) return
      importBudget(memory.combined, kept.combined)
      importBudget(memory.anomaly, kept.anomaly)
    },
  }
}
