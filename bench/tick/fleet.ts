import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { detectionOptions, exhaustionOptions, fitOptions } from '../../src/app/detection-options.ts'
import { planFeatures } from '../../src/app/features.ts'
import { loadKernel } from '../../src/app/kernel.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/resolve.ts'
import { catalogueOf } from '../../src/observe/catalogue/preset.ts'
import { presets } from '../../src/observe/catalogue/presets.ts'
import { queriesFor } from '../../src/observe/prometheus/queries.ts'
import { LEAN_ALLOCATOR, LEAN_FLAGS } from '../../src/platform/lean-process.ts'
import { createModelStore } from '../../src/store/models/model-store.ts'
import { type Fitted, type FittedTarget, fitModel } from '../../src/train/fit.ts'
import { toModelFile } from '../../src/train/model-codec.ts'
import { planHistory } from '../../src/train/plan.ts'
import { type MadeUpFeature, madeUpHistory } from '../synthetic.ts'
import { type Child, startChild } from './child.ts'
import type { Answers, ProductRequest } from './product.ts'
import { instanceOf, JOB, type ReplayPlan, type ReplayReady } from './replay-server.ts'

/** A fleet to be watched. */
export interface FleetPlan {
  readonly hosts: number
  /** The first so many features of the preset `node-exporter`. */
  readonly features: number
  readonly scope: 'host' | 'group'
  /** Whether the daemon finds trained models when it starts. */
  readonly trained: boolean
  readonly ticks: number
  readonly variants: number
}

export const INTERVAL_MS = 15_000
/** A fixed time, so that every run sees the same. */
export const START_MS = Date.UTC(2026, 0, 12, 9)
/** Rows that the one network, whose weights all models have, is fitted to. */
const FITTED_ROWS = 2_000
/** As in the product: targets of a round of training, and values read in one. */
const TARGETS_A_ROUND = 50
const MAX_VALUES = 20_000_000

export const allFeatures: readonly MadeUpFeature[] = presets['node-exporter'].features

/** A daemon and the server that it watches, in processes of their own. */
export interface RunningFleet {
  readonly replay: ReplayReady
  readonly queries: readonly string[]
  readonly product: <K extends ProductRequest['kind']>(request: ProductRequest & { kind: K }) => Promise<Answers[K]>
  /** Where the product serves. */
  readonly url: string
  /** From the product's start to its address. */
  readonly startedInMs: number
  stop(): Promise<void>
}

export async function startFleet(plan: FleetPlan, productOptions: readonly string[] = []): Promise<RunningFleet> {
  const directory = await mkdtemp(join(tmpdir(), 'homeostat-bench-'))
  const server = startChild<ReplayPlan, ReplayReady>(new URL('replay-server.ts', import.meta.url))
  const product: Child<ProductRequest, Answers[keyof Answers]> = startChild(
    new URL('product.ts', import.meta.url),
    [...LEAN_FLAGS, ...productOptions],
    LEAN_ALLOCATOR,
  )
  const stop = async () => {
    await Promise.all([server.stop(), product.stop()])
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const config = configOf(plan, 'http://127.0.0.1:1', directory)
    const { heartbeat, queries } = queriesOf(config)
    const features = allFeatures.slice(0, plan.features)
    const [replay] = await Promise.all([
      server.ask(replayPlanOf(plan, config, START_MS)),
      plan.trained ? writeModels(plan, config, features, directory) : undefined,
    ])
    const ask = product.ask as RunningFleet['product']
    const built = new URL('../../dist/', import.meta.url).href
    const began = performance.now()
    const text = configText(plan, replay.url, directory)
    const { url } = await ask({ kind: 'start', config: text, startMs: START_MS, built })
    const startedInMs = performance.now() - began
    return {
      replay,
      queries: [heartbeat, ...queries.map(({ promql }) => promql)],
      product: ask,
      url,
      startedInMs,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

export const plain = ({ name, unit }: MadeUpFeature): MadeUpFeature => ({ name, unit })

export function configText({ features, scope }: FleetPlan, url: string, directory: string): string {
  const include = allFeatures.slice(0, features).map(({ name }) => name)
  return `interval: 15s
source: {type: prometheus, prometheus: {url: '${url}', rate_window: 1m}}
features: {preset: node-exporter, include: [${include.join(', ')}]}
train: {scope: ${scope}}
data_dir: '${directory}'
web: {listen_address: '127.0.0.1:0'}
`
}

export function configOf(plan: FleetPlan, url: string, directory: string): Config {
  const readFile = () => configText(plan, url, directory)
  const loaded = loadConfig({ flags: { config: 'bench.yaml' }, env: {}, readFile })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.config
}

export function queriesOf(config: Config) {
  const options = { identity: config.targets.labels, extraMatchers: [], rateWindowMs: 60_000 }
  return queriesFor(catalogueOf(planFeatures(config).presets), [], options)
}

/** What the server has to answer for a fleet to be watched from `startMs` on. */
export function replayPlanOf(plan: FleetPlan, config: Config, startMs: number): ReplayPlan {
  const { heartbeat, queries } = queriesOf(config)
  return {
    hosts: plan.hosts,
    heartbeat,
    queries: queries.map(({ promql }, i) => ({ promql, feature: plain(allFeatures[i]) })),
    startMs,
    intervalMs: INTERVAL_MS,
    ticks: plan.ticks,
    variants: plan.variants,
  }
}

/** What the detectors and the training of a fleet are told. */
export function optionsOf(config: Config) {
  const { resolution, names } = planFeatures(config)
  const exhaustion = exhaustionOptions(config, names)
  return { detection: { ...detectionOptions(config, resolution), exhaustion }, fit: fitOptions(config, resolution) }
}

/**
 * One model, fitted to made-up rows, under the name of every host: what matters here is their number.
 *
 * @param at when it was trained, ms since the epoch: an old one is trained anew at once
 */
export async function writeModels(
  plan: FleetPlan,
  config: Config,
  features: readonly MadeUpFeature[],
  directory: string,
  at = START_MS,
): Promise<void> {
  const store = createModelStore(join(directory, 'models'))
  const { fit } = optionsOf(config)
  const history = { host: 0, fromMs: START_MS - FITTED_ROWS * INTERVAL_MS, stepMs: INTERVAL_MS }
  const sets = new Map([['fitted', madeUpHistory(features, FITTED_ROWS, history)]])
  const fitted = fitModel(sets, fit, loadKernel())
  const target = seeded(fitted.targets.get('fitted')!, plan, config)
  const ids = Array.from({ length: plan.hosts }, (_, host) => `${instanceOf(host)}@${JOB}`)
  const units = plan.scope === 'group' ? [{ unit: `group:${JOB}`, ids }] : ids.map((id) => ({ unit: id, ids: [id] }))
  for (const unit of units) {
    const own: Fitted = { ...fitted, targets: new Map(unit.ids.map((id) => [id, target])) }
    await store.save(toModelFile(own, fit, originOf(unit.unit, plan.scope, at)))
  }
}

export function originOf(unit: string, scope: 'host' | 'group', at = START_MS) {
  const cleaning = { rows: FITTED_ROWS, forwardFilled: 0, missing: 0, droppedRows: 0, maskedRows: 0 }
  const times = { createdAt: at, fromMs: at - FITTED_ROWS * INTERVAL_MS, toMs: at }
  return { unit, scope, ...times, stepMs: INTERVAL_MS, cleaning }
}

/** The target with as many scores for its threshold to start from as a training of this fleet leaves behind. */
function seeded(target: FittedTarget, { hosts, features, scope }: FleetPlan, config: Config): FittedTarget {
  const read = planHistory(START_MS, scope === 'group' ? hosts : Math.min(hosts, TARGETS_A_ROUND), features, {
    intervalMs: config.interval,
    historyMs: config.train.history,
    maxRows: config.train.max_rows,
    maxValues: MAX_VALUES,
    consecutive: false,
  })
  const rows = Math.floor((read.toMs - read.fromMs) / read.stepMs) + 1
  const cycled = (scores: Float64Array) => Float64Array.from({ length: rows }, (_, row) => scores[row % scores.length])
  const { combined, anomaly, anomalyThreshold } = target.seed
  return {
    model: target.model,
    seed: {
      times: Float64Array.from({ length: rows }, (_, row) => read.fromMs + row * read.stepMs),
      combined: cycled(combined),
      anomaly: cycled(anomaly),
      anomalyThreshold,
    },
  }
}
