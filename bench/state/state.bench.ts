import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createDetection } from '../../src/detect/detection.ts'
import { loadWasmKernel } from '../../src/detect/kernel/testing/kernels.ts'
import type { WasmKernel } from '../../src/detect/kernel/wasm.ts'
import { createFeaturizer } from '../../src/featurize/featurizer.ts'
import { fitModel } from '../../src/train/fit.ts'
import { fromModelFile, toModelFile } from '../../src/train/model-codec.ts'
import type { Report } from '../report.ts'
import { type MadeUpFeature, madeUpHistory, madeUpValue } from '../synthetic.ts'
import { allFeatures, configOf, INTERVAL_MS, optionsOf, originOf, START_MS } from '../tick/fleet.ts'

const SECTION = 'state'
const FEATURES = 40
const KB = 1024
const ROWS = 1_000
const TICKS = 32
const HOSTS = [200, 1_200] as const

/** What one host more costs in memory. */
export async function benchState(report: Report): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const collect = async () => {
    // Array buffers are given back by another thread, some time after the collection.
    for (let i = 0; i < 3; i++) {
      collectGarbage()
      await setTimeout(100)
    }
  }
  const [few, many] = [await measure(HOSTS[0], collect), await measure(HOSTS[1], collect)]
  const added = HOSTS[1] - HOSTS[0]
  const each = (part: 'arrays' | 'heap' | 'kernel') => (many[part] - few[part]) / added / KB
  report.title(`State of one host more, ${FEATURES} features, own model, kB; from ${HOSTS[0]} to ${HOSTS[1]} hosts`)
  report.table([
    ['arrays of the detectors and the featurizer', each('arrays').toFixed(1)],
    ['weights in the kernel', each('kernel').toFixed(1)],
    ['objects', each('heap').toFixed(1)],
  ])
  report.judge(SECTION, 'state of a host with its own model', each('arrays') + each('heap') + each('kernel'), 'kB', {
    atMost: 64,
  })
}

interface Held {
  /** Bytes. */
  readonly arrays: number
  readonly heap: number
  readonly kernel: number
}

/** What featurizer, detectors and models of so many hosts hold after some ticks. */
async function measure(hosts: number, collect: () => Promise<void>): Promise<Held> {
  const features = allFeatures.slice(0, FEATURES)
  const plan = { hosts, features: FEATURES, scope: 'host', trained: true, ticks: 0, variants: 0 } as const
  const config = configOf(plan, 'http://127.0.0.1:1', 'unused')
  const { detection: options, fit } = optionsOf(config)
  const kernel: WasmKernel = loadWasmKernel()
  const history = { host: 0, fromMs: START_MS - ROWS * INTERVAL_MS, stepMs: INTERVAL_MS }
  const fitted = fitModel(new Map([['host', madeUpHistory(features, ROWS, history)]]), fit, kernel)
  const file = toModelFile(fitted, fit, originOf('host', 'host'))
  const targets = Array.from({ length: hosts }, (_, host) => ({ id: `${host}`, labels: { instance: `${host}` } }))
  const input = Array.from({ length: TICKS }, (_, tick) => valuesOf(features, hosts, tick))
  await collect()
  const before = held(kernel)

  const featurizer = createFeaturizer({
    base: features.map(({ name }) => name),
    engineered: [],
    intervalMs: INTERVAL_MS,
    forwardFillMs: config.clean.forward_fill,
  })
  const { fleet, models, alarms } = createDetection(options, kernel)
  for (const [tick, values] of input.entries()) {
    const at = START_MS + tick * INTERVAL_MS
    const sampledAt = new Float64Array(hosts).fill(at)
    const matrix = featurizer.featurize({ at, features: featurizer.names, targets, values, sampledAt, warnings: [] })
    if (tick === 0) {
      fleet.place(matrix)
      for (let slot = 0; slot < hosts; slot++) {
        const { model, seed } = fromModelFile(file, kernel).get('host')!
        models.adopt(slot, model)
        alarms.adopt(slot, seed)
      }
    }
    fleet.detect(matrix)
  }
  await collect()
  const after = held(kernel)
  // Mentioned once more, so that nothing of it, nor of the input that was there before, is collected any sooner.
  if (input.length !== TICKS || !models.has(hosts - 1) || fleet.explain(0).length !== featurizer.names.length)
    throw new Error('nothing scored')
  return {
    arrays: after.arrays - before.arrays,
    heap: after.heap - before.heap,
    kernel: after.kernel - before.kernel,
  }
}

function held(kernel: WasmKernel): Held {
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return { arrays: arrayBuffers, heap: heapUsed, kernel: kernel.memory().used }
}

function valuesOf(features: readonly MadeUpFeature[], hosts: number, tick: number): Float64Array {
  const values = new Float64Array(hosts * FEATURES)
  for (let i = 0; i < values.length; i++) {
    const feature = i % FEATURES
    values[i] = madeUpValue(features[feature], Math.floor(i / FEATURES), feature, tick)
  }
  return values
}
