import { initialWeights, type Kernel, type NetworkShape } from '../../src/detect/kernel/kernel.ts'
import { bothKernels, largestGap, seededRandom, shuffled, uniform } from '../../src/detect/kernel/testing/kernels.ts'
import type { Peer, Peers } from '../peers.ts'
import type { Report } from '../report.ts'
import { type Contender, median, race, type Timing } from '../timing.ts'
import { onnxModel } from './onnx-model.ts'

const SECTION = 'kernel'
const SHAPE: NetworkShape = { sizes: [40, 24, 8, 24, 40], output: 'sigmoid' }
const WIDTH = 40
const TRAINING_ROWS = 5000
const EPOCHS = 50
const BATCH = 32
/** A backlog, and what one polling cycle brings. */
const INFERENCE_ROWS = [10_000, 10]
const TARGETS = 1000
const ROUNDS = 5
/** The slow ones of training take seconds each. */
const TRAINING_ROUNDS = 3
/** Short measurements are repeated within a round. */
const REPETITIONS = 20

const random = seededRandom(1)
const weights = initialWeights(SHAPE.sizes, random)
const trainingData = uniform(TRAINING_ROWS * WIDTH, random)
const permutation = shuffled(TRAINING_ROWS, random)

function trainOurs(kernel: Kernel): number {
  const trainer = kernel.createTrainer({
    shape: SHAPE,
    weights,
    rows: TRAINING_ROWS,
    inputs: trainingData,
    batch: BATCH,
  })
  let loss = 0
  for (let epoch = 0; epoch < EPOCHS; epoch++) loss = trainer.epoch(permutation)
  trainer.dispose()
  return loss
}

function inferOurs(kernel: Kernel, rows: number, inputs: Float32Array): () => Float32Array {
  const network = kernel.createNetwork(SHAPE, weights)
  const outputs = new Float32Array(rows * WIDTH)
  return () => {
    network.infer(rows, inputs, outputs)
    return outputs
  }
}

/** The same network in tfjs, with our weights; tfjs keeps kernels as [in][out]. */
function tfModel(tf: Peer): Peer {
  const { sizes, output } = SHAPE
  const layers = sizes.slice(1).map((units, l) =>
    tf.layers.dense({
      units,
      activation: l + 2 < sizes.length ? 'relu' : output,
      ...(l === 0 ? { inputShape: [sizes[0]] } : {}),
    }),
  )
  const model = tf.sequential({ layers })
  let at = 0
  for (let l = 1; l < sizes.length; l++) {
    const [inputs, outputs] = [sizes[l - 1] as number, sizes[l] as number]
    const bias = at + inputs * outputs
    const kernel = tf.tensor2d(weights.slice(at, bias), [outputs, inputs]).transpose()
    model.layers[l - 1].setWeights([kernel, tf.tensor1d(weights.slice(bias, bias + outputs))])
    at = bias + outputs
  }
  return model
}

/** @returns the loss of the last epoch */
async function trainTf(tf: Peer, backend: string, epochs: number): Promise<number> {
  await tf.setBackend(backend)
  const model = tfModel(tf)
  model.compile({ optimizer: tf.train.adam(1e-3), loss: 'meanSquaredError' })
  const data = tf.tensor2d(trainingData, [TRAINING_ROWS, WIDTH])
  const fit = { epochs, batchSize: BATCH, shuffle: true, verbose: 0, yieldEvery: 'never' }
  const { history } = await model.fit(data, data, fit)
  tf.dispose([data, model])
  return history.loss.at(-1)
}

async function inferTf(tf: Peer, backend: string, rows: number, inputs: Float32Array): Promise<() => Promise<unknown>> {
  await tf.setBackend(backend)
  const model = tfModel(tf)
  return async () => {
    await tf.setBackend(backend)
    const outputs = tf.tidy(() => model.predict(tf.tensor2d(inputs, [rows, WIDTH]), { batchSize: rows }))
    const values = await outputs.data()
    outputs.dispose()
    return values
  }
}

/** A session of its own for the given weights; 0 threads means onnxruntime's default. */
async function inferOnnx(
  onnx: Peer,
  shape: NetworkShape,
  own: Float32Array,
  inputs: Float32Array,
  threads: number,
): Promise<() => Promise<unknown>> {
  const width = shape.sizes[0] as number
  const session = await onnx.InferenceSession.create(onnxModel(shape, own), { intraOpNumThreads: threads })
  const x = new onnx.Tensor('float32', inputs, [inputs.length / width, width])
  return async () => (await session.run({ x })).y.data
}

async function raceTraining(kernels: readonly Kernel[], { tf, tfWasm }: Peers, report: Report): Promise<void> {
  const contenders: Contender[] = kernels.map((kernel) => ({
    name: `ours, ${kernel.name}`,
    run: () => trainOurs(kernel),
  }))
  if (tf !== undefined) contenders.push({ name: 'tfjs, cpu', run: () => trainTf(tf, 'cpu', 1), scale: EPOCHS })
  if (tfWasm) contenders.push({ name: 'tfjs, wasm', run: () => trainTf(tf, 'wasm', EPOCHS) })
  if (tfWasm) refuseDifferentLoss(trainOurs(kernels[0]), await trainTf(tf, 'wasm', EPOCHS))
  const timings = await race(contenders, TRAINING_ROUNDS)
  const title = `Training ${SHAPE.sizes.join('-')}, ${TRAINING_ROWS} rows x ${EPOCHS} epochs, batch ${BATCH}`
  report.timings(title, timings, missingOf({ tf, tfWasm }))
  const peer = timesOf(timings, 'tfjs, wasm')
  if (peer === undefined) return
  const factor = median(peer) / median(timesOf(timings, 'ours, wasm-simd')!)
  report.judge(SECTION, 'training: faster than tfjs-wasm by', factor, 'x', { atLeast: 10 })
}

async function raceInference(kernels: readonly Kernel[], peers: Peers, rows: number, report: Report): Promise<void> {
  const { tf, tfWasm, onnx } = peers
  const inputs = uniform(rows * WIDTH, random)
  const contenders: Contender[] = kernels.map((kernel) => ({
    name: `ours, ${kernel.name}`,
    run: inferOurs(kernel, rows, inputs),
  }))
  if (tf !== undefined) contenders.push({ name: 'tfjs, cpu', run: await inferTf(tf, 'cpu', rows, inputs) })
  if (tfWasm) contenders.push({ name: 'tfjs, wasm', run: await inferTf(tf, 'wasm', rows, inputs) })
  if (onnx !== undefined) {
    contenders.push({ name: 'onnxruntime-node, 1 thread', run: await inferOnnx(onnx, SHAPE, weights, inputs, 1) })
    contenders.push({ name: 'onnxruntime-node, default', run: await inferOnnx(onnx, SHAPE, weights, inputs, 0) })
  }
  await refuseDifferent(contenders)
  const timings = await race(contenders, ROUNDS, REPETITIONS)
  report.timings(`Inference ${SHAPE.sizes.join('-')}, ${rows} rows`, timings, missingOf(peers))
  const times = ['onnxruntime-node, 1 thread', 'onnxruntime-node, default'].flatMap((name) => {
    const own = timesOf(timings, name)
    return own === undefined ? [] : [median(own)]
  })
  if (times.length === 0) return
  const factor = Math.min(...times) / median(timesOf(timings, 'ours, wasm-simd')!)
  report.judge(SECTION, `inference of ${rows} rows: faster than onnxruntime-node by`, factor, 'x', { atLeast: 1 })
}

function missingOf({ tf, tfWasm, onnx = 'not asked for' }: Partial<Peers>): string[] {
  const absent = { 'tfjs, cpu': tf === undefined, 'tfjs, wasm': !tfWasm, 'onnxruntime-node': onnx === undefined }
  return Object.entries(absent).flatMap(([name, isAbsent]) => (isAbsent ? [name] : []))
}

function timesOf(timings: readonly Timing[], name: string): readonly number[] | undefined {
  return timings.find((timing) => timing.name === name)?.times
}

/** Only the order of the rows differs. */
function refuseDifferentLoss(ours: number, theirs: number): void {
  if (!(Math.abs(ours - theirs) < 0.05 * theirs)) throw new Error(`our loss is ${ours}, that of tfjs ${theirs}`)
}

/** All must compute the same, or the comparison is worth nothing. */
async function refuseDifferent(contenders: readonly Contender[]): Promise<void> {
  const expected = (await contenders[0]?.run()) as Float32Array
  for (const { name, run } of contenders) {
    const gap = largestGap((await run()) as Float32Array, expected)
    if (!(gap < 1e-5)) throw new Error(`${name} computes something else: off by ${gap}`)
  }
}

/** One session per target, as its weights are its own; only some of the targets, to spare the memory. */
async function onnxEach(onnx: Peer, shape: NetworkShape): Promise<Contender> {
  const scale = 10
  const width = shape.sizes[0] as number
  const runs: (() => Promise<unknown>)[] = []
  for (let i = 0; i < TARGETS / scale; i++) {
    runs.push(await inferOnnx(onnx, shape, initialWeights(shape.sizes, random), uniform(width, random), 1))
  }
  const run = async (): Promise<void> => {
    for (const one of runs) await one()
  }
  return { name: 'onnxruntime-node, 1 thread', run, scale }
}

/** Small networks with weights of their own, one row each. */
async function raceInferEach(kernels: readonly Kernel[], { onnx }: Peers, report: Report): Promise<void> {
  const shape: NetworkShape = { sizes: [120, 24, 8, 24, 40], output: 'sigmoid' }
  const inputs = uniform(TARGETS * 120, random)
  const outputs = new Float32Array(TARGETS * 40)
  const contenders = kernels.map((kernel): Contender => {
    const create = () => kernel.createNetwork(shape, initialWeights(shape.sizes, random))
    const models = Array.from({ length: TARGETS }, create)
    return { name: `ours, ${kernel.name}`, run: () => kernel.inferEach(models, inputs, outputs) }
  })
  if (onnx !== undefined) contenders.push(await onnxEach(onnx, shape))
  const title = `inferEach: ${TARGETS} networks ${shape.sizes.join('-')}, own weights`
  report.timings(title, await race(contenders, ROUNDS, REPETITIONS), onnx === undefined ? ['onnxruntime-node'] : [])
}

async function raceApplyEach(kernels: readonly Kernel[], { onnx }: Peers, report: Report): Promise<void> {
  const inputs = uniform(TARGETS * 160, random)
  const outputs = new Float32Array(TARGETS * 40)
  const contenders = kernels.map((kernel): Contender => {
    const models = Array.from({ length: TARGETS }, () => kernel.createLinear(40, 160, uniform(6400, random)))
    return { name: `ours, ${kernel.name}`, run: () => kernel.applyEach(models, inputs, outputs) }
  })
  if (onnx !== undefined) contenders.push(await onnxEach(onnx, { sizes: [160, 40], output: 'linear' }))
  const title = `applyEach: ${TARGETS} linear models 40 x 160, own weights`
  report.timings(title, await race(contenders, ROUNDS, REPETITIONS), onnx === undefined ? ['onnxruntime-node'] : [])
}

async function raceRidge(kernels: readonly Kernel[], report: Report): Promise<void> {
  const rows = 10_000
  const [x, y] = [uniform(rows * 160, random), uniform(rows * 40, random)]
  const contenders = kernels.map((kernel): Contender => {
    const run = (): void => {
      const ridge = kernel.createRidge(40, 160)
      ridge.add(rows, x, y)
      ridge.solve(1)
      ridge.dispose()
    }
    return { name: `ours, ${kernel.name}`, run }
  })
  const title = `Ridge regression, ${rows} rows, 160 inputs, 40 outputs: sums and solution`
  report.timings(title, await race(contenders, ROUNDS))
}

/** The numeric kernel beside its peers, on the same weights and rows. */
export async function benchKernel(report: Report, peers: Peers): Promise<void> {
  const kernels = bothKernels()
  await raceInferEach(kernels, peers, report)
  await raceApplyEach(kernels, peers, report)
  await raceRidge(kernels, report)
  for (const rows of INFERENCE_ROWS) await raceInference(kernels, peers, rows, report)
  await raceTraining(kernels, peers, report)
}
