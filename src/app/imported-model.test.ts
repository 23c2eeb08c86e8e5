import { describe, expect, it } from 'vitest'
import { dynamicRangeFile } from '../../test/fixtures/tflite/quantized.ts'
import { randomModel } from '../../test/fixtures/tflite/random-model.ts'
import { createDetection } from '../detect/detection.ts'
import { createPlainKernel } from '../detect/kernel/plain.ts'
import type { ModelFile } from '../domain/model-file.ts'
import { createMetrics } from '../platform/metrics.ts'
import { decodeModelFile, encodeModelFile } from '../store/models/model-file.ts'
import type { ModelStore } from '../store/models/model-store.ts'
import { readTflite } from '../store/tflite/read.ts'
import { writeTflite } from '../store/tflite/write.ts'
import { fitModel } from '../train/fit.ts'
import type { FitOptions } from '../train/fit-options.ts'
import { fingerprintOf, toModelFile } from '../train/model-codec.ts'
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
import { contestImported, fitImported } from './imported-model.ts'
import { type ImportedScaler, importNetwork } from './imported-network.ts'
import { createModelRegistry } from './model-registry.ts'
import { withNetworkFiles } from './network-file.ts'
import type { FitJob } from './train-worker.ts'

const MINUTE = 60_000
const ROWS = 600
const NOW = START + ROWS * MINUTE
const kernel = withNetworkFiles(createPlainKernel())
const A = host('a')
const B = host('b')
const PAST = hostHistory(1, { rows: ROWS })

const SCALER: ImportedScaler = {
  features: NAMES,
  scaling: 'minmax',
  offset: [0, 0, 8e9, 0, 41, 0],
  scale: [100, 8, 2e8, 1000, 2, 1],
}
/** Trained by nobody, but of the kind that is refused by a kernel of ReLU layers. */
const NETWORK = randomModel([WIDTH, 5, 3, 5, WIDTH], 'tanh', 'sigmoid', 9)
const INT8 = dynamicRangeFile(NETWORK, { perChannel: true, asymmetricInputs: true })

function jobOf(id: string, options: FitOptions): FitJob {
  const origin = {
    ...{ unit: id, scope: 'host' as const, createdAt: NOW, fromMs: START, toMs: NOW, stepMs: MINUTE },
    cleaning: { rows: ROWS, forwardFilled: 0, missing: 0, droppedRows: 0 },
  }
  return { sets: new Map([[id, PAST]]), teachers: [id], options, origin }
}

function imported(file: Uint8Array, options: FitOptions, scaler = SCALER): ModelFile {
  const network = importNetwork(file, scaler, { names: NAMES, context: options.plan.context })
  return decodeModelFile(encodeModelFile(fitImported(jobOf(A.id, options), network, 'mine.tflite', kernel)))
}

function trained(options: FitOptions): ModelFile {
  const { sets, origin } = jobOf(B.id, options)
  return toModelFile(fitModel(sets, options, kernel), options, origin)
}

function newDetection(options: FitOptions) {
  return createDetection(
    {
      width: WIDTH,
      intervalMs: MINUTE,
      resolution: Float64Array.from(options.resolution),
      zscore: { window: 30, minReadings: 5, sigmas: 2.5 },
      forest: {
        ...{ trees: 10, sampleSize: 64, contamination: 0.08, minReadings: 20 },
        ...{ refitIntervalMs: 1440 * MINUTE, seed: 1 },
      },
      hysteresis: { enter: 1, exit: 0.8, holdMs: 0 },
      threshold: { mode: 'budget', budget: { alarmsPerDay: 1 } },
      staleAfterMs: 5 * MINUTE,
    },
    kernel,
  )
}

/** Scores the next readings of a host with an imported model beside one with a model of ours. */
function scoreBoth(files: readonly ModelFile[], options: FitOptions, reading: Float64Array) {
  const warn = (_: object, message: string) => expect.unreachable(message)
  const registry = createModelRegistry({
    store: {} as ModelStore,
    kernel,
    logger: { warn } as never,
    metrics: createMetrics({ now: () => NOW, version: '0', node: '24' }),
  })
  for (const [i, file] of files.entries()) registry.register(file, i + 1)
  const detection = newDetection(options)
  const matrix = matrixAt(NOW, [A, B], [reading, rowOf(PAST, ROWS - 1)])
  registry.adopt(matrix, detection, () => undefined)
  return detection.fleet.detect(matrix).map((verdict) => verdict!)
}

describe.each([
  ['that sees the reading alone', PLAIN_FIT],
  ['in a fleet that sees the recent past', QUICK_FIT],
])('an imported network of int8 weights and tanh, %s', (_, fit) => {
  const options = { ...fit, training: { ...fit.training, length: { steps: 20 } } }
  const files = [imported(INT8, options), trained(options)]

  it('gives as anomaly score the mean squared error of what its file makes of the scaled reading', () => {
    const reading = rowOf(PAST, ROWS - 1)
    const scaled = Float32Array.from(reading, (value, f) =>
      // A feature that is missing counts as its median, and one that was never there as 0.
      Number.isNaN(value) ? 0 : (value - SCALER.offset[f]) / SCALER.scale[f],
    )
    const output = readTflite(INT8).infer(1, scaled)
    // Whatever the scaler of the file says of a feature that was never read.
    const errors = scaled.map((value, f) => (NAMES[f] === 'absent' ? output[f] : value - output[f]) ** 2)

    const [a] = scoreBoth(files, options, reading)

    expect(a.score).toBeCloseTo(errors.reduce((sum, error) => sum + error, 0) / WIDTH, 4)
  })

  it('is scored, thresholded and explained like our own, beside our own', () => {
    const calm = scoreBoth(files, options, rowOf(PAST, ROWS - 1))
    const wild = scoreBoth(files, options, withValues(rowOf(PAST, ROWS - 1), { memory: 2e10 }))

    for (const { score, threshold, detectors, level } of calm) {
      expect(score).toBeGreaterThan(0)
      expect(threshold).toBeGreaterThan(0)
      expect(detectors.autoencoder).toBeGreaterThanOrEqual(0)
      expect(level).toBeLessThan(1)
    }
    expect(wild[0].level).toBeGreaterThan(1)
    expect(wild[0].contributions[0].feature).toBe('memory')
    expect(wild[1]).toEqual(calm[1])
  })

  it('says on its card what it is', () => {
    const { card } = files[0]

    expect(card).toMatchObject({
      imported_from: 'mine.tflite',
      autoencoder: { layers: [WIDTH, 5, 3, 5, WIDTH], operators: ['FULLY_CONNECTED', 'TANH', 'LOGISTIC'] },
    })
    expect(card.fingerprint).toBe(fingerprintOf(NAMES, options))
  })

  it('meets a model of ours on the newest rows', () => {
    const network = importNetwork(INT8, SCALER, { names: NAMES, context: options.plan.context })
    const job = jobOf(B.id, options)
    const heldFrom = PAST.times[ROWS - 101]

    const { championLoss, challengerLoss, rows } = contestImported(
      { ...job, champion: files[1], heldFrom },
      network,
      kernel,
    )

    expect(rows).toBe(100)
    // It was trained by nobody.
    expect(challengerLoss).toBeGreaterThan(championLoss * 0.5)
    expect(championLoss).toBeGreaterThan(0)
  })
})

it('an imported network of ReLU layers becomes one of ours', () => {
  const options = { ...PLAIN_FIT, training: { ...PLAIN_FIT.training, length: { steps: 20 } } }
  const file = writeTflite(randomModel([WIDTH, 5, WIDTH], 'relu', 'sigmoid', 9))

  const { card, tensors } = imported(file, options)

  expect(card.autoencoder.operators).toBeUndefined()
  expect(tensors['network_file']).toBeUndefined()
  expect(tensors['autoencoder']).toHaveLength(WIDTH * 5 + 5 + 5 * WIDTH + WIDTH)
})

it('a damaged network in a model is refused', () => {
  const file = imported(INT8, PLAIN_FIT)
  const cut = { ...file, tensors: { ...file.tensors, network_file: new Uint16Array(10) } }

  expect(() => scoreBoth([cut], PLAIN_FIT, rowOf(PAST, 0))).toThrow(/not a \.tflite file/)
})
