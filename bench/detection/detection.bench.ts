import { loadKernel } from '../../src/app/kernel.ts'
import { initialWeights, type NetworkShape } from '../../src/detect/kernel/kernel.ts'
import { createYoungScorer } from '../../src/detect/young.ts'
import type { FeatureMatrix } from '../../src/domain/feature-matrix.ts'
import { createRandom } from '../../src/domain/random.ts'
import type { Peer, Peers } from '../peers.ts'
import { number, type Report } from '../report.ts'
import { type Contender, median, race } from '../timing.ts'
import { startKira } from './kira.ts'

const SECTION = 'detection'
/** As KIRA has them. */
const METRICS = 5
const WINDOW = 30
const TARGETS = 1_000
const INTERVAL_MS = 15_000
/** A forest serves for an hour of ticks; its growing is part of the cost of every reading. */
const REFIT_MS = 3_600_000
const KIRA_READINGS = 10
const ROUNDS = 5
const SHAPE: NetworkShape = { sizes: [40, 24, 8, 24, 40], output: 'sigmoid' }
/** tfjs is asked for a part of the targets only, to spare the time. */
const TF_PART = 10

/** What one reading of one target costs, beside how others do it. */
export async function benchDetection(report: Report, peers: Peers): Promise<void> {
  await raceForests(report)
  await raceAutoencoders(report, peers)
}

async function raceForests(report: Report): Promise<void> {
  const kira = await startKira()
  const contenders: Contender[] = [{ name: 'ours: group forest and z-score', run: youngTicks(), scale: 1 / TARGETS }]
  if (!('missing' in kira)) {
    contenders.push({
      name: `scikit-learn ${kira.version}, as KIRA does it`,
      run: () => kira.score(KIRA_READINGS),
      scale: 1 / KIRA_READINGS,
      timesItself: true,
    })
  }
  const timings = await race(contenders, ROUNDS, 3)
  if (!('missing' in kira)) kira.stop()
  perReading(report, `Isolation forest, ${METRICS} metrics, one reading of one target`, timings)
  if ('missing' in kira) {
    report.line(`  ${kira.missing}`)
    report.missing.push('scikit-learn')
  }
}

/** Scores a reading of every target; one of 240 runs regrows the forest, as in the product, and is spread over all. */
function youngTicks(): () => void {
  const young = createYoungScorer({
    width: METRICS,
    zscore: { window: WINDOW, minReadings: 5, sigmas: 2.5 },
    resolution: new Float64Array(METRICS).fill(0.01),
    forest: {
      trees: 100,
      sampleSize: 256,
      contamination: 0.08,
      minReadings: 20,
      refitIntervalMs: REFIT_MS,
      seed: 1,
    },
    alarmsPerReading: INTERVAL_MS / 86_400_000,
  })
  young.grow(TARGETS)
  const random = createRandom(1)
  const slots = Array.from({ length: TARGETS }, (_, slot) => slot)
  const targets = slots.map((slot) => ({ id: `${slot}`, labels: { instance: `${slot}`, job: 'node' } }))
  let at = 0
  const tick = (): void => {
    at += INTERVAL_MS
    const matrix: FeatureMatrix = {
      at,
      names: ['cpu', 'memory', 'latency', 'errors', 'requests'],
      targets,
      values: Float64Array.from({ length: TARGETS * METRICS }, random),
      fresh: new Uint8Array(TARGETS).fill(1),
      sampledAt: new Float64Array(TARGETS).fill(at),
      cleaning: { forwardFilled: 0, missing: 0, droppedRows: 0 },
    }
    young.score(matrix, slots)
  }
  for (let i = 0; i < 2 * WINDOW; i++) tick()
  return tick
}

async function raceAutoencoders(report: Report, { tf, tfWasm }: Peers): Promise<void> {
  const kernel = loadKernel()
  const random = createRandom(1)
  const width = SHAPE.sizes[0]
  const inputs = Float32Array.from({ length: TARGETS * width }, random)
  const outputs = new Float32Array(TARGETS * width)
  const models = Array.from({ length: TARGETS }, () => kernel.createNetwork(SHAPE, initialWeights(SHAPE.sizes, random)))
  const run = () => kernel.inferEach(models, inputs, outputs)
  const contenders: Contender[] = [{ name: `ours, ${kernel.name}`, run, scale: 1 / TARGETS }]
  if (tf !== undefined) contenders.push(await tfEach(tf, 'cpu', inputs))
  if (tfWasm) contenders.push(await tfEach(tf, 'wasm', inputs))
  const timings = await race(contenders, ROUNDS, 3)
  perReading(report, `Autoencoder ${SHAPE.sizes.join('-')}, a model a target, one reading of one target`, timings)
  for (const [name, has] of [
    ['tfjs, cpu', tf !== undefined],
    ['tfjs, wasm', tfWasm],
  ] as const) {
    if (!has) report.line(`  ${name}: not installed`)
  }
}

/** One prediction for each of the targets, each with a model of its own. */
async function tfEach(tf: Peer, backend: string, inputs: Float32Array): Promise<Contender> {
  await tf.setBackend(backend)
  const { sizes } = SHAPE
  const count = TARGETS / TF_PART
  const models = Array.from({ length: count }, () =>
    tf.sequential({
      layers: sizes.slice(1).map((units, l) =>
        tf.layers.dense({
          units,
          activation: l + 2 < sizes.length ? 'relu' : SHAPE.output,
          ...(l === 0 ? { inputShape: [sizes[0]] } : {}),
        }),
      ),
    }),
  )
  const run = async () => {
    await tf.setBackend(backend)
    for (const [i, model] of models.entries()) {
      const row = inputs.subarray(i * sizes[0], (i + 1) * sizes[0])
      tf.tidy(() => model.predict(tf.tensor2d(row, [1, sizes[0]])).dataSync())
    }
  }
  return { name: `tfjs, ${backend}`, run, scale: 1 / count }
}

function perReading(
  report: Report,
  title: string,
  timings: readonly { name: string; times: readonly number[] }[],
): void {
  report.title(title)
  const ours = median(timings[0].times)
  report.table([
    ['', 'median µs', 'fastest', 'ours is faster by'],
    ...timings.map(({ name, times }, i) => [
      name,
      (1000 * median(times)).toFixed(2),
      (1000 * Math.min(...times)).toFixed(2),
      i === 0 ? '' : `${number(median(times) / ours)} x`,
    ]),
  ])
  for (const { name, times } of timings) report.note(SECTION, `${title}: ${name}`, 1000 * median(times), 'µs')
}
