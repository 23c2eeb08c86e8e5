import { describe, expect, it } from 'vitest'
import type { Kernel } from '../detect/kernel/kernel.ts'
import { createPlainKernel } from '../detect/kernel/plain.ts'
import { createRandom } from '../domain/random.ts'
import { type AutoencoderTraining, type NetworkData, trainNetwork } from './autoencoder.ts'

const kernel = createPlainKernel()
const SHAPE = { sizes: [3, 2, 3], output: 'linear' } as const
const EPOCHS: AutoencoderTraining = { length: { epochs: 30, patience: 3 }, batchSize: 8, learningRate: 0.01 }

/** Rows on a line through space, with a little noise. */
function data(rows: number, validationFrom: number): NetworkData {
  const random = createRandom(3)
  const inputs = new Float32Array(rows * 3)
  for (let row = 0; row < rows; row++) {
    const t = 2 * random() - 1
    inputs.set([t, -t + 0.05 * random(), t / 2 + 0.05 * random()], row * 3)
  }
  return { rows, validationFrom, inputs, targets: inputs }
}

/** A kernel whose networks have the given validation losses, epoch by epoch; their weights are the number of epochs. */
function scripted(validation: readonly number[]): Kernel {
  let epochs = 0
  return {
    ...kernel,
    createTrainer: ({ shape }) => ({
      shape,
      epoch: () => {
        epochs++
        return 0
      },
      loss: () => validation[epochs - 1],
      weights: () => Float32Array.of(epochs),
      dispose: () => {},
    }),
  }
}

function scriptedRun(validation: readonly number[], options: AutoencoderTraining = EPOCHS, given = data(100, 80)) {
  return trainNetwork(scripted(validation), SHAPE, given, options, createRandom(1))
}

const falling = (length: number, from = 1) => Array.from({ length }, (_, i) => from * 0.9 ** i)

describe('training a network', () => {
  it('learns: the loss on rows it has not seen falls far below where it began', () => {
    const { losses, bestEpoch } = trainNetwork(kernel, SHAPE, data(400, 320), EPOCHS, createRandom(1))

    expect(losses.validation[bestEpoch - 1]).toBeLessThan(0.3 * losses.validation[0])
    expect(losses.training).toHaveLength(losses.validation.length)
  })

  it('gives the same weights for the same seed, others for another', () => {
    const weightsOf = (seed: number) => trainNetwork(kernel, SHAPE, data(100, 80), EPOCHS, createRandom(seed)).weights

    expect(weightsOf(1)).toEqual(weightsOf(1))
    expect(weightsOf(2)).not.toEqual(weightsOf(1))
  })

  it('stops when the patience is over and keeps the best weights', () => {
    const { weights, bestEpoch, losses } = scriptedRun([5, 4, 3, 9, 9, 9, 9, 1])

    expect(bestEpoch).toBe(3)
    expect([...weights]).toEqual([3])
    // Three epochs without a better one.
    expect(losses.validation).toEqual([5, 4, 3, 9, 9, 9])
  })

  it('goes on for the full length while it gets better', () => {
    expect(scriptedRun(falling(30))).toMatchObject({ bestEpoch: 30 })
  })

  it('keeps the last weights where their loss is about as low as the best', () => {
    expect(scriptedRun([...falling(29), 0.9 ** 28 * 1.05]).bestEpoch).toBe(30)
    expect(scriptedRun([...falling(29), 0.9 ** 28 * 1.2]).bestEpoch).toBe(29)
  })

  it('takes the last weights where no rows judge', () => {
    const { weights, bestEpoch, losses } = scriptedRun([], EPOCHS, data(100, 100))

    expect(bestEpoch).toBe(30)
    expect([...weights]).toEqual([30])
    expect(losses.validation.every(Number.isNaN)).toBe(true)
  })

  it('trains so many batches whatever the rows, without stopping early', () => {
    const steps: AutoencoderTraining = { length: { steps: 100 }, batchSize: 8, learningRate: 0.01 }
    const bad = Array.from({ length: 100 }, (_, i) => i + 1)

    // 80 rows are 10 batches an epoch: 100 batches are 10 epochs; 200 rows are 25: 4 epochs.
    expect(scriptedRun(bad, steps).losses.training).toHaveLength(10)
    expect(scriptedRun(bad, steps, data(220, 200)).losses.training).toHaveLength(4)
  })

  it('lets the rate fall to 0 over all batches of such a training', () => {
    const decaySteps: (number | undefined)[] = []
    const recording: Kernel = {
      ...kernel,
      createTrainer: (options) => {
        decaySteps.push(options.decaySteps)
        return kernel.createTrainer(options)
      },
    }
    const given = data(100, 83)
    trainNetwork(recording, SHAPE, given, { ...EPOCHS, length: { steps: 50 } }, createRandom(1))
    trainNetwork(recording, SHAPE, given, EPOCHS, createRandom(1))

    // 83 rows are 11 batches, 50 batches of 8 rows are 5 epochs.
    expect(decaySteps).toEqual([5 * 11, undefined])
  })

  it('trains exactly as long as it is told where it is told', () => {
    const { losses } = trainNetwork(kernel, SHAPE, data(40, 40), EPOCHS, createRandom(1), { epochs: 4 })

    expect(losses.training).toHaveLength(4)
  })

  it('tells of every epoch', () => {
    const told: number[][] = []
    const onEpoch = (...epoch: number[]) => told.push(epoch)
    const { losses } = trainNetwork(kernel, SHAPE, data(60, 40), EPOCHS, createRandom(1), { epochs: 3, onEpoch })

    expect(told).toEqual([1, 2, 3].map((epoch, i) => [epoch, 3, losses.training[i], losses.validation[i]]))
  })
})
