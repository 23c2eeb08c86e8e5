import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { initialWeights, type Kernel, type NetworkShape, type TrainerOptions, weightCount } from './kernel.ts'
import { createPlainKernel } from './plain.ts'
import { bothKernels, largestGap, loadWasmKernel, seededRandom, shuffled, uniform } from './testing/kernels.ts'

const kernels = bothKernels().map((kernel) => ({ name: kernel.name, kernel }))
const wasm = loadWasmKernel()
const plain = createPlainKernel()

const anyShape = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 45 }), { minLength: 2, maxLength: 5 }),
  output: fc.constantFrom<NetworkShape['output']>('sigmoid', 'linear'),
})
const anySeed = fc.integer({ min: 0, max: 1e9 })
/** A fixed seed: a failing shape stays a failing shape. */
const runs = { seed: 20_240_607, numRuns: 80 }

/** Random weights whose biases are random as well. */
function randomWeights(sizes: readonly number[], random: () => number): Float32Array {
  return initialWeights(sizes, random).map((weight) => (weight === 0 ? random() - 0.5 : weight))
}

/** Mean squared error in float64, written without looking at either kernel. */
function referenceLoss(options: TrainerOptions, weights: ArrayLike<number>): number {
  const { sizes, output } = options.shape
  const targets = options.targets ?? options.inputs
  const width = sizes.at(-1) as number
  let total = 0
  for (let r = 0; r < options.rows; r++) {
    let row = Array.from(options.inputs.subarray(r * (sizes[0] as number), (r + 1) * (sizes[0] as number)))
    let at = 0
    for (let l = 1; l < sizes.length; l++) {
      const inputs = row
      const outputs = sizes[l] as number
      const bias = at + inputs.length * outputs
      row = Array.from({ length: outputs }, (_, o) => {
        const products = inputs.map((x, i) => x * (weights[at + o * inputs.length + i] as number))
        const sum = products.reduce((a, b) => a + b, weights[bias + o] as number)
        if (l + 1 < sizes.length) return Math.max(0, sum)
        return output === 'sigmoid' ? 1 / (1 + Math.exp(-sum)) : sum
      })
      at = bias + outputs
    }
    for (const [o, y] of row.entries()) total += (y - (targets[r * width + o] as number)) ** 2
  }
  return total / (options.rows * width)
}

/** With these settings one step moves a weight by g / (|g| + 1), from which g can be read back. */
const revealing = { learningRate: 1, beta1: 0, beta2: 0, epsilon: 1 }

function gradientOf(kernel: Kernel, options: TrainerOptions): number[] {
  const trainer = kernel.createTrainer({ ...options, ...revealing, batch: options.rows })
  trainer.epoch(Uint32Array.from({ length: options.rows }, (_, i) => i))
  const moved = trainer.weights()
  trainer.dispose()
  return Array.from(moved, (after, i) => {
    const move = (options.weights[i] as number) - after
    return move / (1 - Math.abs(move))
  })
}

function numericGradient(options: TrainerOptions): number[] {
  const step = 1e-5
  return Array.from(options.weights, (_, i) => {
    const up = Array.from(options.weights)
    const down = Array.from(options.weights)
    up[i] = (up[i] as number) + step
    down[i] = (down[i] as number) - step
    return (referenceLoss(options, up) - referenceLoss(options, down)) / (2 * step)
  })
}

describe.each(kernels)('the $name kernel', ({ kernel }) => {
  it('computes weights * inputs + bias, in the documented order', () => {
    const network = kernel.createNetwork(
      { sizes: [2, 3], output: 'linear' },
      Float32Array.of(1, 2, 3, 4, 5, 6, 0.5, 0, -1),
    )
    const outputs = new Float32Array(3)
    network.infer(1, Float32Array.of(10, 1), outputs)
    expect([...outputs]).toEqual([12.5, 34, 55])
  })

  it('clips hidden layers at zero, but not the output', () => {
    const network = kernel.createNetwork(
      { sizes: [1, 2, 1], output: 'linear' },
      Float32Array.of(1, -1, 0, 0, -1, -1, 0),
    )
    const outputs = new Float32Array(2)
    network.infer(2, Float32Array.of(3, -4), outputs)
    expect([...outputs]).toEqual([-3, -4])
  })

  it('has a logistic function accurate to 1e-6, relative even where it is tiny', () => {
    const network = kernel.createNetwork({ sizes: [1, 1], output: 'sigmoid' }, Float32Array.of(1, 0))
    const inputs = Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) * 0.04)
    const outputs = new Float32Array(inputs.length)
    network.infer(inputs.length, inputs, outputs)
    const worst = inputs.reduce((gap, x, i) => {
      const exact = 1 / (1 + Math.exp(-x))
      return Math.max(gap, Math.abs((outputs[i] as number) - exact) / exact)
    }, 0)
    expect(worst).toBeLessThan(1e-6)
  })

  it('saturates without overflow far out, and lets NaN pass', () => {
    const network = kernel.createNetwork({ sizes: [1, 1], output: 'sigmoid' }, Float32Array.of(1, 0))
    const outputs = new Float32Array(5)
    network.infer(
      5,
      Float32Array.of(1e30, -1e30, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN),
      outputs,
    )
    expect([outputs[0], outputs[2]]).toEqual([1, 1])
    expect(outputs[1]).toBeLessThan(1e-37)
    expect(outputs[3]).toBeLessThan(1e-37)
    expect(outputs[4]).toBeNaN()
  })

  it('keeps a NaN to its own row', () => {
    const random = seededRandom(5)
    const network = kernel.createNetwork({ sizes: [5, 6, 5], output: 'sigmoid' }, randomWeights([5, 6, 5], random))
    const inputs = uniform(8 * 5, random)
    inputs[2 * 5 + 3] = Number.NaN
    const outputs = new Float32Array(8 * 5)
    network.infer(8, inputs, outputs)
    const broken = [...outputs.keys()].filter((i) => Number.isNaN(outputs[i]))
    expect(broken).toEqual([10, 11, 12, 13, 14])
  })

  it('gives a row the same bits alone, in a batch, or among many models', () => {
    const random = seededRandom(6)
    const sizes = [13, 30, 7, 41]
    const weights = randomWeights(sizes, random)
    const network = kernel.createNetwork({ sizes, output: 'sigmoid' }, weights)
    const rows = 71
    const inputs = uniform(rows * 13, random)
    const together = new Float32Array(rows * 41)
    network.infer(rows, inputs, together)
    const each = new Float32Array(rows * 41)
    kernel.inferEach(
      Array.from({ length: rows }, () => network),
      inputs,
      each,
    )
    expect(each).toEqual(together)
    const alone = new Float32Array(41)
    network.infer(1, inputs.slice(50 * 13, 51 * 13), alone)
    expect(alone).toEqual(together.slice(50 * 41, 51 * 41))
  })

  it('evaluates more rows than cross at once', () => {
    const random = seededRandom(7)
    const network = kernel.createNetwork({ sizes: [3, 2], output: 'linear' }, randomWeights([3, 2], random))
    const rows = 50_001
    const inputs = uniform(rows * 3, random)
    const outputs = new Float32Array(rows * 2)
    network.infer(rows, inputs, outputs)
    const last = new Float32Array(2)
    network.infer(1, inputs.slice(-3), last)
    expect(outputs.slice(-2)).toEqual(last)
    network.infer(0, new Float32Array(0), new Float32Array(0))
  })

  it('returns the weights it was given, and keeps its own copy', () => {
    const random = seededRandom(8)
    const given = randomWeights([9, 5, 3], random)
    const copy = given.slice()
    const network = kernel.createNetwork({ sizes: [9, 5, 3], output: 'linear' }, given)
    given.fill(0)
    expect(network.weights()).toEqual(copy)
    const matrix = uniform(6 * 10, random)
    expect(kernel.createLinear(6, 10, matrix).weights()).toEqual(matrix)
  })

  it('evaluates each linear model on its own row', () => {
    const models = [1, 2, 3].map((factor) => kernel.createLinear(2, 2, Float32Array.of(factor, 0, 0, -factor)))
    const outputs = new Float32Array(6)
    kernel.applyEach(models, Float32Array.of(1, 2, 3, 4, 5, 6), outputs)
    expect([...outputs]).toEqual([1, -2, 6, -8, 15, -18])
    kernel.applyEach([], new Float32Array(0), new Float32Array(0))
  })

  it('follows gradients that agree with finite differences', () => {
    const shapes: NetworkShape[] = [
      { sizes: [5, 7, 3, 4], output: 'sigmoid' },
      { sizes: [6, 12, 5, 9, 10], output: 'linear' },
      { sizes: [3, 2], output: 'sigmoid' },
    ]
    for (const [seed, shape] of shapes.entries()) {
      const random = seededRandom(100 + seed)
      const rows = 11
      const options = {
        shape,
        rows,
        weights: randomWeights(shape.sizes, random),
        inputs: uniform(rows * (shape.sizes[0] as number), random, -1, 1),
        targets: uniform(rows * (shape.sizes.at(-1) as number), random),
      }
      expect(largestGap(gradientOf(kernel, options), numericGradient(options))).toBeLessThan(2e-6)
    }
  })

  it('takes the steps of Adam with bias correction', () => {
    // One weight, one bias, one row (x = 2, t = 5): the gradient is 2 (y - t) (x, 1).
    let [w, b] = [0.5, 0.25]
    const moments = { mw: 0, vw: 0, mb: 0, vb: 0 }
    const trainer = kernel.createTrainer({
      shape: { sizes: [1, 1], output: 'linear' },
      weights: Float32Array.of(w, b),
      rows: 1,
      inputs: Float32Array.of(2),
      targets: Float32Array.of(5),
      learningRate: 0.1,
    })
    for (let t = 1; t <= 20; t++) {
      trainer.epoch(Uint32Array.of(0))
      const slope = 2 * (w * 2 + b - 5)
      moments.mw = 0.9 * moments.mw + 0.1 * slope * 2
      moments.vw = 0.999 * moments.vw + 0.001 * (slope * 2) ** 2
      moments.mb = 0.9 * moments.mb + 0.1 * slope
      moments.vb = 0.999 * moments.vb + 0.001 * slope ** 2
      const [c1, c2] = [1 - 0.9 ** t, 1 - 0.999 ** t]
      w -= (0.1 * (moments.mw / c1)) / (Math.sqrt(moments.vw / c2) + 1e-8)
      b -= (0.1 * (moments.mb / c1)) / (Math.sqrt(moments.vb / c2) + 1e-8)
    }
    expect(largestGap(trainer.weights(), [w, b])).toBeLessThan(2e-6)
  })

  it('learns exclusive or', () => {
    const random = seededRandom(3)
    const sizes = [2, 16, 1]
    const trainer = kernel.createTrainer({
      shape: { sizes, output: 'sigmoid' },
      weights: initialWeights(sizes, random),
      rows: 4,
      inputs: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1),
      targets: Float32Array.of(0, 1, 1, 0),
      batch: 4,
      learningRate: 0.03,
    })
    for (let epoch = 0; epoch < 800; epoch++) trainer.epoch(shuffled(4, random))
    expect(trainer.loss(0, 4)).toBeLessThan(0.01)
    const network = kernel.createNetwork({ sizes, output: 'sigmoid' }, trainer.weights())
    const outputs = new Float32Array(4)
    network.infer(4, Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), outputs)
    expect([...outputs].map(Math.round)).toEqual([0, 1, 1, 0])
  })

  it('overfits a tiny set, with more input columns than outputs', () => {
    const random = seededRandom(4)
    const sizes = [9, 30, 5]
    const rows = 7
    const trainer = kernel.createTrainer({
      shape: { sizes, output: 'linear' },
      weights: initialWeights(sizes, random),
      rows,
      inputs: uniform(rows * 9, random),
      targets: uniform(rows * 5, random),
      batch: 3,
      learningRate: 5e-3,
    })
    const before = trainer.loss(0, rows)
    for (let epoch = 0; epoch < 600; epoch++) trainer.epoch(shuffled(rows, random))
    expect(before).toBeGreaterThan(0.05)
    expect(trainer.loss(0, rows)).toBeLessThan(1e-4)
  })

  it('reports the mean squared error, over any range of rows', () => {
    const random = seededRandom(9)
    const shape: NetworkShape = { sizes: [6, 4, 6], output: 'sigmoid' }
    const rows = 45
    const options = { shape, rows, weights: randomWeights(shape.sizes, random), inputs: uniform(rows * 6, random) }
    const trainer = kernel.createTrainer({ ...options, batch: 8 })
    expect(trainer.loss(0, rows)).toBeCloseTo(referenceLoss(options, options.weights), 6)
    const part = { ...options, rows: 13, inputs: options.inputs.slice(20 * 6, 33 * 6) }
    expect(trainer.loss(20, 33)).toBeCloseTo(referenceLoss(part, options.weights), 6)
    expect(trainer.loss(7, 7)).toBeNaN()
    const frozen = kernel.createTrainer({ ...options, learningRate: 0 })
    expect(frozen.epoch(shuffled(rows, random))).toBeCloseTo(referenceLoss(options, options.weights), 6)
    expect(frozen.epoch(new Uint32Array(0))).toBeNaN()
  })

  it('trains on the rows it is told, and on no others', () => {
    const random = seededRandom(10)
    const shape: NetworkShape = { sizes: [4, 3, 4], output: 'linear' }
    const weights = randomWeights(shape.sizes, random)
    const inputs = uniform(20 * 4, random)
    const part = kernel.createTrainer({ shape, weights, rows: 20, inputs })
    part.epoch(Uint32Array.of(3, 4, 5))
    const only = kernel.createTrainer({ shape, weights, rows: 3, inputs: inputs.slice(12, 24) })
    only.epoch(Uint32Array.of(0, 1, 2))
    expect(part.weights()).toEqual(only.weights())
  })

  it('gives the same bits when the same training is repeated', () => {
    const train = (): Float32Array => {
      const random = seededRandom(11)
      const sizes = [10, 6, 10]
      const inputs = uniform(50 * 10, random)
      const trainer = kernel.createTrainer({
        shape: { sizes, output: 'sigmoid' },
        weights: initialWeights(sizes, random),
        rows: 50,
        inputs,
      })
      for (let epoch = 0; epoch < 5; epoch++) trainer.epoch(shuffled(50, random))
      const weights = trainer.weights()
      trainer.dispose()
      return weights
    }
    expect(train()).toEqual(train())
  })

  it('recovers a linear relation by ridge regression, however the rows are split up', () => {
    const random = seededRandom(12)
    const truth = uniform(3 * 7, random, -1, 1)
    const x = uniform(200 * 7, random, -1, 1)
    const y = new Float32Array(200 * 3)
    kernel.createLinear(3, 7, truth).apply(200, x, y)
    const whole = kernel.createRidge(3, 7)
    whole.add(200, x, y)
    expect(largestGap(whole.solve(1e-6), truth)).toBeLessThan(1e-5)
    const pieces = kernel.createRidge(3, 7)
    pieces.add(37, x.slice(0, 37 * 7), y.slice(0, 37 * 3))
    pieces.add(163, x.slice(37 * 7), y.slice(37 * 3))
    expect(largestGap(pieces.solve(1e-6), whole.solve(1e-6))).toBeLessThan(1e-6)
    const shrunk = whole.solve(1e6)
    expect(Math.max(...shrunk.map(Math.abs))).toBeLessThan(1e-3)
  })

  it('solves a ridge problem known by hand', () => {
    // x = (1, 2), y = (2, 5): w = (1 * 2 + 2 * 5) / (1 + 4 + lambda) = 12 / 6.
    const ridge = kernel.createRidge(1, 1)
    ridge.add(2, Float32Array.of(1, 2), Float32Array.of(2, 5))
    expect([...ridge.solve(1)]).toEqual([2])
  })

  it('refuses dependent columns without a penalty, and solves them with one', () => {
    const ridge = kernel.createRidge(1, 2)
    ridge.add(3, Float32Array.of(1, 2, 2, 4, 3, 6), Float32Array.of(1, 2, 3))
    expect(() => ridge.solve(0)).toThrow(/not positive definite at column 1: use a larger lambda/)
    expect(ridge.solve(0.1)).toHaveLength(2)
  })

  it('disposes twice without harm, and refuses anything else afterwards', () => {
    const shape: NetworkShape = { sizes: [2, 2], output: 'linear' }
    const weights = new Float32Array(6)
    const pair = new Float32Array(2)
    const network = kernel.createNetwork(shape, weights)
    const linear = kernel.createLinear(2, 2, new Float32Array(4))
    const trainer = kernel.createTrainer({ shape, weights, rows: 1, inputs: pair })
    const ridge = kernel.createRidge(1, 1)
    for (const disposable of [network, linear, trainer, ridge, network, linear, trainer, ridge]) disposable.dispose()
    expect(() => network.infer(1, pair, pair)).toThrow('this model has been disposed')
    expect(() => linear.apply(1, pair, pair)).toThrow('this model has been disposed')
    expect(() => kernel.inferEach([network], pair, pair)).toThrow('this model has been disposed')
    expect(() => kernel.applyEach([linear], pair, pair)).toThrow('this model has been disposed')
    expect(() => trainer.epoch(Uint32Array.of(0))).toThrow('this trainer has been disposed')
    expect(() => trainer.weights()).toThrow('this trainer has been disposed')
    expect(() => ridge.solve(1)).toThrow('this regression has been disposed')
  })

  it('names what is wrong with an argument of the wrong size', () => {
    const shape: NetworkShape = { sizes: [2, 3], output: 'linear' }
    const weights = new Float32Array(9)
    const network = kernel.createNetwork(shape, weights)
    const wider = kernel.createNetwork({ sizes: [3, 3], output: 'linear' }, new Float32Array(12))
    const refusals: [() => unknown, string][] = [
      [
        () => kernel.createNetwork({ sizes: [2], output: 'linear' }, weights),
        'sizes: expected at least 2 widths, got 1',
      ],
      [
        () => kernel.createNetwork({ sizes: [2, 0], output: 'linear' }, weights),
        'layer width: expected an integer from 1',
      ],
      [() => kernel.createNetwork({ sizes: [2, 1.5], output: 'linear' }, weights), 'got 1.5'],
      [
        () => kernel.createNetwork({ sizes: [2, 3], output: 'tanh' as 'linear' }, weights),
        "expected 'sigmoid' or 'linear', got tanh",
      ],
      [() => kernel.createNetwork(shape, new Float32Array(8)), 'weights: expected 9 numbers, got 8'],
      [() => kernel.createLinear(2, 2, new Float32Array(3)), 'weights: expected 4 numbers, got 3'],
      [
        () => network.infer(2, new Float32Array(5), new Float32Array(6)),
        'inputs (2 rows x 2): expected 4 numbers, got 5',
      ],
      [
        () => network.infer(2, new Float32Array(4), new Float32Array(5)),
        'outputs (2 rows x 3): expected 6 numbers, got 5',
      ],
      [() => network.infer(-1, new Float32Array(0), new Float32Array(0)), 'rows: expected an integer from 0'],
      [
        () => kernel.inferEach([network, wider], new Float32Array(5), new Float32Array(6)),
        'models: expected all 2 -> 3, got one 3 -> 3',
      ],
      [
        () => kernel.inferEach([network], new Float32Array(3), new Float32Array(3)),
        'inputs (1 rows x 2): expected 2 numbers, got 3',
      ],
      [
        () => kernel.createTrainer({ shape, weights, rows: 1, inputs: new Float32Array(2) }),
        'targets (1 rows x 3): expected 3 numbers, got 2',
      ],
      [
        () => kernel.createTrainer({ shape, weights, rows: 0, inputs: new Float32Array(0), batch: 0 }),
        'batch: expected an integer from 1',
      ],
      [
        () => kernel.createTrainer({ shape, weights, rows: 0, inputs: new Float32Array(0), beta1: 1 }),
        'beta1: 1 is out of range',
      ],
      [
        () => kernel.createTrainer({ shape, weights, rows: 0, inputs: new Float32Array(0) }).epoch(Uint32Array.of(0)),
        'permutation: row 0 at 0, but there are only 0 rows',
      ],
      [
        () => kernel.createTrainer({ shape, weights, rows: 0, inputs: new Float32Array(0) }).loss(0, 1),
        'to: expected an integer from 0 to 0, got 1',
      ],
      [
        () => kernel.createRidge(1, 2).add(1, new Float32Array(1), new Float32Array(1)),
        'x (1 rows x 2): expected 2 numbers, got 1',
      ],
      [() => kernel.createRidge(1, 2).solve(Number.NaN), 'lambda: NaN is out of range'],
    ]
    for (const [attempt, message] of refusals) {
      expect(attempt).toThrow(RangeError)
      expect(attempt).toThrow(message)
    }
  })

  it('refuses models of another kernel', () => {
    for (const other of [wasm, plain]) {
      const network = other.createNetwork({ sizes: [1, 1], output: 'linear' }, new Float32Array(2))
      if (other.name === kernel.name && other.name === 'plain') continue
      expect(() => kernel.inferEach([network], new Float32Array(1), new Float32Array(1))).toThrow(
        'a model of another kernel',
      )
    }
  })
})

describe('the wasm kernel beside the plain one', () => {
  it('infers the same for any shape and number of rows', () => {
    fc.assert(
      fc.property(anyShape, fc.integer({ min: 1, max: 75 }), anySeed, (shape, rows, seed) => {
        const random = seededRandom(seed)
        const weights = randomWeights(shape.sizes, random)
        const inputs = uniform(rows * (shape.sizes[0] as number), random, -1, 1)
        const [fast, slow] = [wasm, plain].map((kernel) => {
          const network = kernel.createNetwork(shape, weights)
          const outputs = new Float32Array(rows * (shape.sizes.at(-1) as number))
          network.infer(rows, inputs, outputs)
          network.dispose()
          return outputs
        }) as [Float32Array, Float32Array]
        expect(largestGap(fast, slow)).toBeLessThan(1e-5)
      }),
      runs,
    )
  })

  it('evaluates many models the same for any shape', () => {
    fc.assert(
      fc.property(anyShape, fc.integer({ min: 1, max: 20 }), anySeed, (shape, count, seed) => {
        const [fast, slow] = [wasm, plain].map((kernel) => {
          const random = seededRandom(seed)
          const inputs = uniform(count * (shape.sizes[0] as number), random, -1, 1)
          const models = Array.from({ length: count }, () =>
            kernel.createNetwork(shape, randomWeights(shape.sizes, random)),
          )
          const outputs = new Float32Array(count * (shape.sizes.at(-1) as number))
          kernel.inferEach(models, inputs, outputs)
          for (const model of models) model.dispose()
          return outputs
        }) as [Float32Array, Float32Array]
        expect(largestGap(fast, slow)).toBeLessThan(1e-5)
      }),
      runs,
    )
  })

  it('trains to the same weights and losses for any shape, batch size and number of rows', () => {
    fc.assert(
      fc.property(
        anyShape,
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 40 }),
        anySeed,
        (shape, rows, batch, seed) => {
          const [fast, slow] = [wasm, plain].map((kernel) => {
            const random = seededRandom(seed)
            const weights = randomWeights(shape.sizes, random)
            const inputs = uniform(rows * (shape.sizes[0] as number), random, -1, 1)
            const targets = uniform(rows * (shape.sizes.at(-1) as number), random)
            const trainer = kernel.createTrainer({ shape, weights, rows, inputs, targets, batch, epsilon: 1e-4 })
            const losses = [0, 1, 2].map(() => trainer.epoch(shuffled(rows, random)))
            const result = [...losses, trainer.loss(0, rows), ...trainer.weights()]
            trainer.dispose()
            return result
          }) as [number[], number[]]
          expect(largestGap(fast, slow)).toBeLessThan(1e-5)
        },
      ),
      runs,
    )
  })

  it('solves the same ridge problems', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 150 }),
        anySeed,
        (inputs, outputs, rows, seed) => {
          const random = seededRandom(seed)
          const x = uniform(rows * inputs, random, -1, 1)
          const y = uniform(rows * outputs, random, -1, 1)
          const [fast, slow] = [wasm, plain].map((kernel) => {
            const ridge = kernel.createRidge(outputs, inputs)
            ridge.add(rows, x, y)
            const solution = ridge.solve(0.5)
            ridge.dispose()
            return solution
          }) as [Float32Array, Float32Array]
          expect(largestGap(fast, slow)).toBeLessThan(1e-5)
        },
      ),
      runs,
    )
  })
})

describe('the memory of the wasm kernel', () => {
  const shape: NetworkShape = { sizes: [20, 12, 20], output: 'sigmoid' }
  const weights = initialWeights(shape.sizes, seededRandom(1))
  const rows = 100
  const inputs = uniform(rows * 20, seededRandom(2))

  function useEverything(kernel: Kernel): void {
    const network = kernel.createNetwork(shape, weights)
    const linear = kernel.createLinear(20, 20, new Float32Array(400))
    const trainer = kernel.createTrainer({ shape, weights, rows, inputs })
    const ridge = kernel.createRidge(20, 20)
    const outputs = new Float32Array(rows * 20)
    network.infer(rows, inputs, outputs)
    trainer.epoch(shuffled(rows, seededRandom(3)))
    ridge.add(rows, inputs, outputs)
    for (const disposable of [linear, network, ridge, trainer]) disposable.dispose()
  }

  it('stays flat over 1,000 rounds of creating and disposing', () => {
    const kernel = loadWasmKernel()
    useEverything(kernel)
    const before = kernel.memory()
    for (let round = 0; round < 1000; round++) useEverything(kernel)
    expect(kernel.memory()).toEqual(before)
  })

  it('keeps models intact while it grows', () => {
    const kernel = loadWasmKernel()
    const early = kernel.createNetwork(shape, weights)
    const trainer = kernel.createTrainer({ shape, weights, rows, inputs })
    const [before, after] = [new Float32Array(rows * 20), new Float32Array(rows * 20)]
    early.infer(rows, inputs, before)
    const { size } = kernel.memory()
    const many = Array.from({ length: 2000 }, () => kernel.createNetwork(shape, weights))
    expect(kernel.memory().size).toBeGreaterThan(size)
    early.infer(rows, inputs, after)
    expect(after).toEqual(before)
    expect(early.weights()).toEqual(weights)
    expect(trainer.weights()).toEqual(weights)
    expect(trainer.loss(0, rows)).toBeCloseTo(plain.createTrainer({ shape, weights, rows, inputs }).loss(0, rows), 6)
    for (const model of many) model.dispose()
  })

  it('refuses what can never fit, and goes on working', () => {
    const kernel = loadWasmKernel()
    expect(() => kernel.createRidge(1, 65_536)).toThrow(/kernel memory: no room for \d+ bytes/)
    useEverything(kernel)
  })
})

describe('weights', () => {
  it('are counted with their biases', () => {
    expect(weightCount([40, 24, 8, 24, 40])).toBe(2304 + 96)
  })

  it('start within the limits of Glorot and Bengio, biases at zero', () => {
    const weights = initialWeights([10, 20], seededRandom(1))
    const limit = Math.sqrt(6 / 30)
    expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(limit)
    expect(Math.max(...weights)).toBeGreaterThan(0.9 * limit)
    expect([...weights.slice(200)]).toEqual(new Array(20).fill(0))
  })
})
