import { join } from 'node:path'
import type { Happening } from '../api/events/happenings.ts'
import type { Fleet } from '../api/fleet.ts'
import type { Config } from '../config/resolve.ts'
import { createDetection } from '../detect/detection.ts'
import type { Freeze } from '../domain/safety.ts'
import type { Source } from '../observe/source.ts'
import type { HealDependencies } from '../pipeline/heal-dependencies.ts'
import type { Journal } from '../pipeline/journal.ts'
import { runLoop } from '../pipeline/loop.ts'
import type { ReceiveReading } from '../pipeline/push.ts'
import { type TickResult, tick, type Verdicts } from '../pipeline/tick.ts'
import type { Clock } from '../platform/clock.ts'
import type { Environment } from '../platform/environment.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { ReadingsClock } from '../platform/readings-clock.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { createAlertmanagerWatch, suppressionReaders } from './alertmanager-watch.ts'
import { detectionOptions, exhaustionOptions } from './detection-options.ts'
import { createEffects } from './effects.ts'
import { createHealthWatch, type EngineHealth } from './engine-health.ts'
import type { Experience } from './experience.ts'
import { planFeatures } from './features.ts'
import { createFleetView } from './fleet-view.ts'
import { loadKernel } from './kernel.ts'
import { createMemoryKeeper } from './memory.ts'
import { createPushDoor, type PushDoor } from './push/door.ts'
import { createDryEffects } from './push/dry-effects.ts'
import { inOrder } from './push/in-order.ts'
import { createServicesKeeper } from './push/memory.ts'
import { createMirror } from './push/pushgateway.ts'
import { createSilentSource } from './push/silent-source.ts'
import { createRemediation, type RemediationLoop } from './remediation.ts'
import { announceChanges, reportCycle, statesOf } from './report.ts'
import { loadRuleBook, type RuleBook } from './rule-set.ts'
import { createScoreArchive } from './score-archive.ts'
import type { PastSources } from './score-reader.ts'
import { createSource } from './sources.ts'
import { timed } from './timed-stages.ts'
import { createTopologyKeeper } from './topology.ts'
import { createTraining } from './training.ts'
import { trainingSetup } from './training-setup.ts'
import { createTroubles, incompleteness, troubleOf } from './troubles.ts'

export interface EngineDependencies {
  readonly clock: Clock
  readonly environment: Environment
  readonly logger: Logger
  readonly metrics: Metrics
  /** Milliseconds from any point in time, to take durations with. */
  readonly stopwatch: () => number
  /** What follows outlives the engine: a reload goes on with it. */
  readonly journal: Journal
  readonly experience: Experience
  /** This process, and every process that lives, by the journal's word. */
  readonly owner: string
  readonly alive: () => Promise<readonly string[]>
  readonly newId: (at: number) => string
  readonly fileFreeze: () => Freeze | undefined
  /** For tests that stop the process between two steps of an action. */
  readonly onBoundary?: HealDependencies['onBoundary']
  /** What happens beside what the journal keeps. */
  readonly tell?: (happening: Happening) => void
  /** What a cycle found is recorded. */
  readonly onCycle?: (at: number, verdicts: Verdicts) => void
  /** Where time is that of the pushed readings: then nothing is polled, and effects are dry runs. The same as `clock`. */
  readonly readings?: ReadingsClock
}

/** Everything that one configuration brings to life; a reload builds a new one and stops the old. */
export interface Engine {
  readonly fleet: Fleet
  readonly remediation: RemediationLoop
  readonly push: PushDoor
  readonly receiveReading: ReceiveReading
  readonly health: () => EngineHealth
  /** Where charts read the past from. */
  readonly past: PastSources
  /** Ticks, and looks after actions, until stopped. */
  run(): Promise<void>
  /** Ends the ticks, and keeps what the next engine goes on with. */
  halt(): Promise<void>
  /** Ends everything; an action that is under way has some time to end, too. */
  stop(): Promise<void>
}

/** Cycles that may fail in a row before nothing is known of any target. */
const FAILURES_UNTIL_STALE = 2

/**
 * Builds the pipeline of a configuration. Nothing is asked of the source before `run`.
 *
 * @throws {SecretError} or an error of the file system when a secret or a certificate is not where it should be
 */
export async function createEngine(config: Config, dependencies: EngineDependencies): Promise<Engine> {
  const { clock, environment, logger, metrics, experience } = dependencies
  const features = planFeatures(config)
  const { readings } = dependencies
  const observing = { ...dependencies, logger: logger.child({ component: 'observe' }) }
  const source = readings ? createSilentSource(features.base) : createSource(config, features, observing)
  const kernel = loadKernel()
  const { options, newFeaturizer, recorder, history, store, contests } = trainingSetup(config, features, source)
  const exhaustion = exhaustionOptions(config, features.names)
  const detection = createDetection({ ...detectionOptions(config, features.resolution), exhaustion }, kernel)
  const training = createTraining(options, {
    history,
    store,
    contests,
    kernel,
    newFeaturizer,
    masked: experience.masked,
    clock,
    logger: logger.child({ component: 'train' }),
    metrics,
  })
  await training.restore()
  const memory = createMemoryKeeper({
    store: createMemoryStore(join(config.data_dir, 'scoring.memory')),
    modelOf: training.modelOf,
    clock,
    logger: logger.child({ component: 'memory' }),
  })
  const budgetOf = (id: string) => experience.budgetOf(id, config.threshold.alarms_per_day)
  const book = ruleBook(config, environment)
  const effects = createEffects(config, { clock, environment })
  const alertmanager = createAlertmanagerWatch(config, readings ? [] : suppressionReaders(config, environment), {
    clock,
    logger: logger.child({ component: 'alertmanager' }),
    metrics,
  })
  const topology = createTopologyKeeper(config, source.calls, logger.child({ component: 'topology' }))
  const remediation = createRemediation(config, {
    ...dependencies,
    alertmanager,
    effects: readings ? createDryEffects(effects) : effects,
    book,
    holds: asking(source, clock),
    topology: topology.current,
    logger: logger.child({ component: 'remediation' }),
  })
  const push = createPushDoor(config, {
    fleet: remediation.fleet,
    responder: remediation.responder,
    rules: book.rules,
    clock,
    readings,
    kernel,
    budgetOf,
  })
  const services = createServicesKeeper({
    store: createMemoryStore(join(config.data_dir, 'services.memory')),
    clock,
    logger: logger.child({ component: 'memory' }),
  })
  // A replay begins anew.
  if (readings === undefined) await services.load(push)
  const view = createFleetView({
    detector: detection.fleet,
    push,
    modelOf: training.modelOf,
    groupOf: remediation.groupOf,
    feature: (name) => features.info.get(name),
    alarmsPerDayOf: budgetOf,
    // Where nothing is polled there is nothing to wait for.
    readyAtOnce: readings !== undefined || config.source.type === 'push',
    warmUpMs: (config.detect.zscore.min_readings - 1) * config.interval,
  })
  // In the time of the readings nothing is polled, whatever source is named.
  const polled = readings ? undefined : config.source
  const watch = createHealthWatch({ polled, remediation: config.remediation }, push.verdicts, alertmanager)
  const mirror = mirrorOf(config, logger)
  const featurizer = newFeaturizer()
  const stages = timed(
    {
      observe: source.observe,
      featurize: featurizer.featurize,
      detect: (matrix) => {
        training.adopt(matrix, detection, memory.recall)
        for (const [slot, target] of matrix.targets.entries()) {
          if (target !== undefined) detection.alarms.setAlarmsPerDay(slot, budgetOf(target.id))
        }
        return detection.fleet.detect(matrix)
      },
      show(seen) {
        remediation.fleet.see(seen)
        show(seen.verdicts, seen.at)
        lastSeen = seen
      },
      respond: remediation.respond,
    },
    dependencies,
  )
  const stop = new AbortController()
  let failures = 0
  let lastAt = Number.NaN
  let running: Promise<void> | undefined

  let verdicts: Verdicts = []
  let lastSeen: TickResult | undefined
  let healing: Promise<void> | undefined

  function show(next: Verdicts, at: number): void {
    announceChanges(verdicts, next, logger)
    metrics.targets(statesOf([...next, ...push.verdicts()]))
    verdicts = next
    view.update(next, at)
  }

  /** Nothing is known of any target any more; incidents wait for data. */
  async function lose(at: number): Promise<void> {
    show(detection.fleet.expire(), at)
    if (lastSeen === undefined) return
    const snapshot = { ...lastSeen.snapshot, warnings: ['the source cannot be read'] }
    await remediation.respond({ ...lastSeen, at, snapshot, verdicts })
  }

  const troubles = createTroubles(logger)
  const recorded = () => troubles.recording.say(undefined, {})
  const unrecorded = (error: unknown) => troubles.recording.say(...troubleOf(error))

  async function cycle(at: number, signal: AbortSignal): Promise<void> {
    const began = dependencies.stopwatch()
    if (at - lastAt === config.interval) troubles.late.say(undefined, {})
    lastAt = at
    push.age()
    try {
      const result = await tick(stages, at, signal)
      troubles.cycle.say(undefined, { cycles: failures })
      failures = 0
      watch.succeeded(at, result.snapshot)
      dependencies.onCycle?.(at, result.verdicts)
      void mirror?.put(view.verdicts())
      reportCycle(result, metrics, logger)
      troubles.answer.say(...incompleteness(result.snapshot))
      await recorder?.record(result.snapshot).then(recorded, unrecorded)
      training.poll(at, result.verdicts)
      topology.poll(at)
      await memory.saveWhenDue(at, result.verdicts, detection)
      if (readings === undefined) await services.saveWhenDue(at, push)
    } catch (error) {
      if (signal.aborted) return
      failures++
      metrics.sourceUp(false)
      watch.failed(error)
      troubles.cycle.say(...troubleOf(error))
      remediation.fleet.fail('the last cycle failed')
      if (failures >= FAILURES_UNTIL_STALE) await lose(at)
    } finally {
      metrics.ticked()
      const tookMs = dependencies.stopwatch() - began
      watch.took(tookMs)
      metrics.stageTook('tick', tookMs / 1000)
      dependencies.tell?.({ kind: 'cycle', at })
    }
  }

  let halted: Promise<void> | undefined
  function halt(): Promise<void> {
    stop.abort(new Error('stopping'))
    halted ??= (async () => {
      await running
      if (running !== undefined) await memory.save(verdicts, detection)
      if (running !== undefined && readings === undefined) await services.save(push)
      await training.close()
      await topology.close()
    })()
    return halted
  }

  return {
    fleet: view,
    remediation,
    push,
    health: watch.health,
    past: {
      intervalMs: config.interval,
      history,
      historyKind: recorder === undefined ? (source.kind === 'prometheus' ? 'prometheus' : 'none') : 'history',
      names: features.names,
      base: new Set(features.base),
      consecutive: features.consecutive,
      newFeaturizer,
      archive: source.past && createScoreArchive(source.past),
    },
    receiveReading: readings ? inOrder(push.receive, remediation.healer) : push.receive,
    run() {
      const onMissed = (count: number) => {
        // Readings may leave out any time they like.
        if (readings) return
        metrics.ticksMissed(count)
        troubles.late.say('late', { count })
      }
      // Only now: at a reload, the engine before has just written what it remembers.
      const loop = { clock, intervalMs: config.interval, tick: cycle, onMissed }
      alertmanager.run()
      healing = remediation.healer.run()
      const begun = () => readings?.begun(stop.signal).catch(() => {})
      running = memory
        .load()
        .then(begun)
        .then(() => runLoop(loop, stop.signal))
      return running
    },
    halt,
    async stop() {
      await Promise.all([halt(), remediation.healer.stop(), alertmanager.stop()])
      await healing
      await source.close()
    },
  }
}

/** @throws {Error} with every problem, where the rules were not checked with the configuration */
function ruleBook(config: Config, { readFile }: Environment): RuleBook {
  const loaded = loadRuleBook(config, readFile)
  if (loaded.ok) return loaded.book
  throw new Error(loaded.problems.map(({ where, message }) => `${where}: ${message}`).join('\n'))
}

function mirrorOf({ push: { pushgateway: url }, interval }: Config, logger: Logger) {
  return url === undefined
    ? undefined
    : createMirror({ url, timeoutMs: interval, logger: logger.child({ component: 'pushgateway' }) })
}

/** Asks the source; undefined where it cannot be asked, or does not answer. */
function asking(
  { holds }: Source,
  { now }: Clock,
): (promql: string, signal: AbortSignal) => Promise<boolean | undefined> {
  return async (promql, signal) => {
    try {
      return await holds?.(promql, now(), signal)
    } catch {
      return undefined
    }
  }
}
