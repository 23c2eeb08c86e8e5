import type { Config } from '../config/resolve.ts'
import type { DetectionOptions } from '../detect/detection.ts'
import type { AutoencoderPlan } from '../detect/model.ts'
import type { ThresholdPlan } from '../detect/threshold/from-errors.ts'
import type { AutoencoderTraining } from '../train/autoencoder.ts'
import type { FitOptions } from '../train/fit-options.ts'

/** Hidden layers where the configuration leaves them open; more did not help on 38 features, fewer did not on 19. */
const HIDDEN = [16, 4, 16]

/** What the detectors are told, from the configuration. */
export function detectionOptions(config: Config, resolution: Float64Array): DetectionOptions {
  const { detect, threshold, train } = config
  return {
    width: resolution.length,
    intervalMs: config.interval,
    resolution,
    zscore: {
      window: detect.zscore.window,
      minReadings: detect.zscore.min_readings,
      sigmas: detect.zscore.sigmas,
    },
    forest: {
      trees: detect.isolation_forest.trees,
      sampleSize: detect.isolation_forest.sample_size,
      contamination: detect.isolation_forest.contamination,
      minReadings: detect.isolation_forest.min_readings,
      refitIntervalMs: detect.isolation_forest.refit_interval,
      seed: train.seed,
    },
    hysteresis: {
      enter: detect.hysteresis.enter,
      exit: detect.hysteresis.exit,
      holdMs: detect.hysteresis.hold,
    },
    threshold: {
      mode: threshold.mode,
      budget: {
        alarmsPerDay: threshold.alarms_per_day,
        maxAlarmTime: threshold.max_alarm_time,
        recomputeMs: threshold.recompute,
        memoryMs: threshold.memory,
      },
    },
    staleAfterMs: config.targets.stale_after,
  }
}

/** Used shares of the preset node-exporter whose end is an incident. */
const RESOURCES = [
  'filesystem_used_ratio',
  'filesystem_inodes_used_ratio',
  'memory_used_ratio',
  'file_descriptors_used_ratio',
]

/** What forecasts of exhaustion are told. @param names of all features */
export function exhaustionOptions({ detect }: Config, names: readonly string[]): DetectionOptions['exhaustion'] {
  const { resources, horizon, shortest_window } = detect.exhaustion
  return {
    resources: resources === 'auto' ? RESOURCES.filter((name) => names.includes(name)) : resources,
    horizonMs: horizon,
    shortestWindowMs: shortest_window,
  }
}

/** What training is told, from the configuration. */
export function fitOptions(config: Config, resolution: Float64Array): FitOptions {
  const { autoencoder } = config.detect
  return {
    plan: autoencoderPlan(config),
    training: trainingOf(autoencoder),
    validation: config.train.validation,
    intervalMs: config.interval,
    resolution,
    threshold: thresholdPlan(config),
    seed: config.train.seed,
  }
}

/** With a context so many batches whatever the rows: that was measured to serve a few hundred rows and 25,000 alike. */
function trainingOf(autoencoder: Config['detect']['autoencoder']): AutoencoderTraining {
  const { epochs, batch_size, learning_rate, patience, context } = autoencoder
  const recent = context === 'recent'
  return {
    length: recent && epochs === 'auto' ? { steps: 4000 } : { epochs: epochs === 'auto' ? 100 : epochs, patience },
    batchSize: batch_size === 'auto' ? (recent ? 128 : 32) : batch_size,
    learningRate: learning_rate === 'auto' ? (recent ? 0.002 : 0.001) : learning_rate,
  }
}

/** Without a context the plain autoencoder: features in their training range, sigmoid at the end. */
function autoencoderPlan({ detect }: Config): AutoencoderPlan {
  const { hidden, context } = detect.autoencoder
  const recent = context === 'recent'
  return {
    hidden: hidden === 'auto' ? HIDDEN : hidden,
    context: recent,
    scaling: recent ? 'deviations' : 'minmax',
  }
}

function thresholdPlan({ threshold }: Config): ThresholdPlan {
  const { mode, sigmas, percentile, value } = threshold
  switch (mode) {
    case 'normality':
      return { mode, sigmas, percentile }
    case 'sigma':
      return { mode, sigmas }
    case 'percentile':
      return { mode, percentile }
    case 'fixed':
      return { mode, value: value ?? Number.NaN }
    case 'budget':
    case 'any':
      return { mode }
  }
}
