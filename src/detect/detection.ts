import { type AlarmRule, createAlarmRule, type ThresholdMode } from './alarm-rule.ts'
import { createExhaustionWatch, type ExhaustionWatchOptions } from './exhaustion/watch.ts'
import { createFleetDetector, type FleetDetector } from './fleet-detector.ts'
import { createHysteresis, type HysteresisOptions } from './hysteresis.ts'
import type { Kernel } from './kernel/kernel.ts'
import { createModelScorer, type ModelScorer } from './model-scorer.ts'
import { BUDGET_DEFAULTS, type BudgetOptions } from './threshold/budget.ts'
import { createYoungScorer, type YoungOptions } from './young.ts'

export interface DetectionOptions {
  readonly width: number
  readonly intervalMs: number
  readonly resolution: Float64Array
  readonly zscore: YoungOptions['zscore']
  readonly forest: YoungOptions['forest']
  readonly hysteresis: HysteresisOptions
  readonly threshold: {
    readonly mode: ThresholdMode
    readonly budget: Partial<BudgetOptions> & { alarmsPerDay: number }
  }
  readonly staleAfterMs: number
  /** Resources whose exhaustion is forecast, and how early it is an anomaly; none where nothing is said. */
  readonly exhaustion?: ExhaustionWatchOptions & { readonly horizonMs: number }
}

/** The detectors wired together, and the two parts that take in what training finds. */
export interface Detection {
  readonly fleet: FleetDetector
  readonly models: ModelScorer
  readonly alarms: AlarmRule
}

const DAY_MS = 86_400_000
const NO_RESOURCES = { resources: [], shortestWindowMs: 60_000, horizonMs: DAY_MS }

export function createDetection(options: DetectionOptions, kernel: Kernel): Detection {
  const { width, intervalMs, threshold } = options
  const young = createYoungScorer({
    width,
    zscore: options.zscore,
    resolution: options.resolution,
    forest: options.forest,
    alarmsPerReading: (threshold.budget.alarmsPerDay * intervalMs) / DAY_MS,
  })
  const models = createModelScorer({ width, intervalMs, kernel })
  // A block of the sketch must span at least one reading.
  const blockMs = Math.max(BUDGET_DEFAULTS.blockMs, intervalMs)
  const alarms = createAlarmRule(threshold.mode, { blockMs, ...threshold.budget })
  const hysteresis = createHysteresis(options.hysteresis)
  const { horizonMs, ...watched } = options.exhaustion ?? NO_RESOURCES
  const exhaustion = createExhaustionWatch(watched)
  const { staleAfterMs } = options
  const fleet = createFleetDetector({ young, models, alarms, hysteresis, exhaustion, horizonMs, staleAfterMs })
  return { fleet, models, alarms }
}
