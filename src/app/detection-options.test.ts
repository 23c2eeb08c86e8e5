import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Config } from '../config/resolve.ts'
import { createDetection } from '../detect/detection.ts'
import { createPlainKernel } from '../detect/kernel/plain.ts'
import { detectionOptions, fitOptions } from './detection-options.ts'
import { planFeatures } from './features.ts'

const MINUTE = 60_000
const DAY = 1440 * MINUTE
const RESOLUTION = Float64Array.of(1, 2)

function config(text: string): Config {
  const result = loadConfig({ flags: { config: 'f' }, env: {}, readFile: () => text })
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'))
  return result.config
}

const fitting = (text: string) => fitOptions(config(text), RESOLUTION)

describe('what training is told', () => {
  it('is the contextual ensemble unless something else is configured', () => {
    expect(fitting('')).toEqual({
      plan: { hidden: [16, 4, 16], context: true, scaling: 'deviations' },
      training: { length: { steps: 4000 }, batchSize: 128, learningRate: 0.002 },
      validation: 0.2,
      intervalMs: 15_000,
      resolution: RESOLUTION,
      threshold: { mode: 'budget' },
      seed: expect.any(Number),
    })
  })

  it('is the plain autoencoder with the preset classic', () => {
    const { plan, training } = fitting('features: { preset: classic }')

    expect(plan).toEqual({ hidden: [14, 8, 4, 8, 14], context: false, scaling: 'minmax' })
    expect(training).toMatchObject({ length: { epochs: 100 }, batchSize: 32, learningRate: 0.001 })
  })

  it('follows what is configured of the network', () => {
    const { plan, training } = fitting(
      'detect: { autoencoder: { hidden: [9, 3, 9], epochs: 7, patience: 2, batch_size: 64, learning_rate: 0.01 } }',
    )

    expect(plan).toEqual({ hidden: [9, 3, 9], context: true, scaling: 'deviations' })
    expect(training).toEqual({ length: { epochs: 7, patience: 2 }, batchSize: 64, learningRate: 0.01 })
  })

  it.each([
    ['mode: budget', { mode: 'budget' }],
    ['mode: any', { mode: 'any' }],
    ['mode: normality', { mode: 'normality', sigmas: 3, percentile: 99 }],
    ['{ mode: sigma, sigmas: 4 }', { mode: 'sigma', sigmas: 4 }],
    ['{ mode: percentile, percentile: 99.5 }', { mode: 'percentile', percentile: 99.5 }],
    ['{ mode: fixed, value: 0.1998 }', { mode: 'fixed', value: 0.1998 }],
  ])('knows how the threshold is chosen: %s', (text, plan) => {
    expect(fitting(`threshold: ${text.startsWith('{') ? text : `{ ${text} }`}`).threshold).toEqual(plan)
  })
})

describe('what the detectors are told', () => {
  it('comes from the configuration, durations in ms', () => {
    const options = detectionOptions(
      config('{ interval: 30s, threshold: { alarms_per_day: 2, memory: 7d }, detect: { hysteresis: { hold: 2m } } }'),
      RESOLUTION,
    )

    expect(options).toMatchObject({
      width: 2,
      intervalMs: 30_000,
      zscore: { window: 30, minReadings: 5, sigmas: 2.5 },
      forest: { minReadings: 20, contamination: 0.08 },
      hysteresis: { enter: 1, holdMs: 2 * MINUTE },
      threshold: { mode: 'budget', budget: { alarmsPerDay: 2, memoryMs: 7 * DAY } },
    })
    expect(options.staleAfterMs).toBeGreaterThan(30_000)
  })

  it.each([
    '',
    '{ interval: 30m, targets: { stale_after: 1h }, source: { local: { rate_window: 1h } } }',
    'interval: 1s',
    'features: { preset: classic }',
  ])('can be run: %s', (text) => {
    const loaded = config(text)

    expect(() =>
      createDetection(detectionOptions(loaded, planFeatures(loaded).resolution), createPlainKernel()),
    ).not.toThrow()
  })
})
