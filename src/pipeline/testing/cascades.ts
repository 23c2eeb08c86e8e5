import { detectionOptions } from '../../app/detection-options.ts'
import { loadKernel } from '../../app/kernel.ts'
import { loadConfig } from '../../config/load.ts'
import { createDetection } from '../../detect/detection.ts'
import { rootCauses } from '../../diagnose/root-cause.ts'
import { createTopology } from '../../diagnose/topology.ts'
import { RESOLUTION } from '../../domain/feature.ts'
import { type Incident, isUnwell } from '../../domain/incident.ts'
import { createFeaturizer } from '../../featurize/featurizer.ts'
import { type CampaignOptions, type Cascade, cascades } from '../../simulate/campaign.ts'
import type { ServiceDefinition } from '../../simulate/service.ts'
import { createWorld } from '../../simulate/world.ts'
import { merged } from '../follow.ts'
import { followIncidents } from '../incidents.ts'
import { sufferingAmong } from '../roots.ts'

const TICK_MS = 3000
const START = Date.UTC(2026, 10, 21, 9)
/** Readings before the fault: both detectors of young targets are ready by then. */
const QUIET = 60

const FEATURES = {
  cpu_percent: 'percent',
  memory_percent: 'percent',
  request_latency_ms: 'count',
  error_rate_percent: 'percent',
  requests_per_second: 'per_second',
  restarts: 'count',
} as const
const NAMES = Object.keys(FEATURES) as (keyof typeof FEATURES)[]

export interface CascadeTally {
  /** Cascades in which the fault's service and at least one that depends on it were ill. */
  cascades: number
  /** Those in which the first suspect was the fault's service when they were first ill together. */
  rootFirst: number
  /** Dependants that were ill, over all ticks of the faults, and those whose cause was seen in the fault's service. */
  dependants: number
  explained: number
}

/** Runs cascades, each in a fresh world, through the detectors and incidents as the product wires them. */
export function runCascades(count: number, options: CampaignOptions): CascadeTally {
  const tally: CascadeTally = { cascades: 0, rootFirst: 0, dependants: 0, explained: 0 }
  const faults = cascades(options)
  for (let run = 0; run < count; run++)
    runOne(faults.next().value, options.services, options.seed * 10_000 + run, tally)
  return tally
}

function runOne(fault: Cascade, services: readonly ServiceDefinition[], seed: number, tally: CascadeTally): void {
  const calls = services.flatMap(({ name, dependsOn }) => dependsOn.map((called) => [name, called] as const))
  const topology = createTopology('instance', calls)
  const world = createWorld({ services, seed, startAt: START, tickMs: TICK_MS })
  const judge = judgeOf(services)
  const truth = `${fault.service}@push`
  let ongoing: ReadonlyMap<string, Incident> = new Map()
  let ids = 0
  let isTogether = false
  for (let tick = 0; tick < QUIET + fault.ticks; tick++) {
    if (tick === QUIET) world.inject(fault)
    const { at, readings } = world.tick()
    const verdicts = judge(at, Float64Array.from(readings.flatMap(({ metrics }) => NAMES.map((name) => metrics[name]))))
    const beginning = { newId: () => String(ids++).padStart(6, '0'), groupOf: () => 'push' }
    ongoing = merged(ongoing, followIncidents(ongoing, { at, verdicts, complete: true }, beginning))
    if (tick < QUIET) continue
    const roots = rootCauses(sufferingAmong(ongoing.values(), topology, at), topology)
    const ill = [...ongoing.values()].filter(isUnwell).map(({ target }) => target)
    const dependants = ill.filter((target) => fault.dependants.has(target.split('@')[0]))
    tally.dependants += dependants.length
    tally.explained += dependants.filter((target) => roots.get(target)?.target === truth).length
    if (isTogether || dependants.length === 0 || !roots.has(truth)) continue
    isTogether = true
    tally.cascades++
    const [suspect] = [...roots.values()].sort((a, b) => b.rank - a.rank)
    if (suspect.target === truth) tally.rootFirst++
  }
}

/** Verdicts on one reading of every service, as the daemon comes to them without a model. */
function judgeOf(services: readonly ServiceDefinition[]) {
  const loaded = loadConfig({ flags: {}, env: {}, readFile: () => '' })
  if (!loaded.ok) throw new Error('the default configuration has problems')
  const config = { ...loaded.config, interval: TICK_MS }
  const resolution = Float64Array.from(NAMES, (name) => RESOLUTION[FEATURES[name]])
  const detection = createDetection(detectionOptions(config, resolution), loadKernel())
  const featurizer = createFeaturizer({ base: NAMES, engineered: [], intervalMs: TICK_MS, forwardFillMs: 120_000 })
  const targets = services.map(({ name }) => ({ id: `${name}@push`, labels: { instance: name, job: 'push' } }))
  return (at: number, values: Float64Array) => {
    const sampledAt = new Float64Array(targets.length).fill(at)
    const snapshot = { at, features: NAMES, targets, values, sampledAt, warnings: [] }
    return detection.fleet.detect(featurizer.featurize(snapshot))
  }
}
