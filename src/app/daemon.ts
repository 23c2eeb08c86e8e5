import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Express } from 'express'
import type { ReloadResult } from '../api/api-routes.ts'
import type { Access } from '../api/auth/access.ts'
import { createApi } from '../api/create-api.ts'
import { createEventHub } from '../api/events/event-hub.ts'
import { createHappenings } from '../api/events/happenings.ts'
import type { Fleet } from '../api/fleet.ts'
import { type RunningServer, startServer } from '../api/server.ts'
import type { ConfigurationFacts } from '../api/status.ts'
import { statusJson } from '../api/status-json.ts'
import type { Problem } from '../config/problem.ts'
import type { Config } from '../config/resolve.ts'
import type { Incident } from '../domain/incident.ts'
import type { Verdict } from '../domain/verdict.ts'
import type { ReceiveReading } from '../pipeline/push.ts'
import type { Clock } from '../platform/clock.ts'
import { makeDir } from '../platform/make-dir.ts'
import { createModelStore } from '../store/models/model-store.ts'
import { type Casebook, openCasebook } from './casebook.ts'
import { createEngine, type Engine, type EngineDependencies } from './engine.ts'
import { createIncidentDesk } from './incident-desk.ts'
import { createKpis } from './kpis.ts'
import { createModelArchive } from './model-archive.ts'
import { watchReceivers } from './receiver-outcomes.ts'
import { createRemediationDesk } from './remediation-desk.ts'
import { watchReplicas } from './replica-watch.ts'
import { createScoreHistory } from './score-history.ts'
import { createScoreReader } from './score-reader.ts'
import { createStatus } from './status.ts'
import { createTelling, type Telling } from './telling.ts'
import { contestLogIn } from './training-setup.ts'
import { tlsFiles, webAccess } from './web-access.ts'

export interface DaemonDependencies extends Omit<EngineDependencies, Exclude<keyof Casebook, 'close'>> {
  /** By which credentials are valid, where `clock` is that of the readings. */
  readonly wallClock?: Clock
  /** Of Homeostat, and of its configuration; undefined: built-in defaults. */
  readonly version?: string
  readonly file?: string
  /** Reads the configuration again, for a reload. */
  readonly loadConfig: () => { ok: true; config: Config } | { ok: false; problems: readonly Problem[] }
}

/** The running product: an engine that ticks, and a server that shows what it found. */
export interface Daemon {
  readonly server: RunningServer
  reload(): Promise<ReloadResult>
  /** Ends the cycle under way, then the server. */
  stop(): Promise<void>
}

/** The data directory cannot be used. The message says what to do. */
export class DataDirError extends Error {
  override readonly name = 'DataDirError'
}

/**
 * Starts serving, then ticking.
 *
 * @throws {DataDirError} when nothing can be written to the data directory
 * @throws {StoreError} when the store cannot be used
 * @throws {ListenError} when the address cannot be listened on
 * @throws {SecretError} when a secret is not where it should be
 */
export async function startDaemon(config: Config, dependencies: DaemonDependencies): Promise<Daemon> {
  const { logger, metrics, environment, clock, wallClock = clock, file, version = 'unknown' } = dependencies
  let inForce = config
  let configuration: Omit<ConfigurationFacts, 'warnings'> = { file, loadedAt: clock.now() }
  await prepareDataDir(config.data_dir)
  let access = webAccess(config, environment, wallClock.now)
  const happenings = createHappenings()
  const casebook = await openCasebook(config, { ...dependencies, tell: happenings.tell })
  const scores = createScoreHistory((id) => services.fleet.detail(id)?.features ?? [])
  const onCycle: EngineDependencies['onCycle'] = (at, verdicts) => {
    scores.add(at, verdicts)
    people.wake()
  }
  const receivers = watchReceivers(metrics.notifications, clock.now)
  const parts = { ...dependencies, ...casebook, onCycle, tell: happenings.tell }
  let current = await createEngine(config, parts).catch(async (error) => {
    await casebook.close()
    throw error
  })
  let reloading: Promise<ReloadResult> | undefined
  let ending: Promise<unknown> = Promise.resolve()

  /** All that can fail comes first: a broken file leaves the old engine ticking. */
  async function reloadNow(): Promise<ReloadResult> {
    const problems = (found: readonly Problem[]): ReloadResult => {
      metrics.reloaded(false)
      configuration = { ...configuration, reload: { at: clock.now(), ok: false, problems: found } }
      logger.error({ problems: found }, 'the configuration is refused, the old one stays in force')
      return { ok: false, problems: found }
    }
    const loaded = dependencies.loadConfig()
    if (!loaded.ok) return problems(loaded.problems)
    const fixed = changedForGood(config, loaded.config)
    if (fixed.length > 0) return problems(fixed)
    let next: Engine
    let nextAccess: Access
    let nextPeople: Telling
    try {
      nextAccess = webAccess(loaded.config, environment, wallClock.now)
      const tls = tlsFiles(loaded.config.web, environment)
      if (tls !== undefined) server.renew(tls)
      nextPeople = telling(loaded.config)
      next = await createEngine(loaded.config, parts)
    } catch (error) {
      return problems([{ where: 'configuration', path: '', message: (error as Error).message }])
    }
    const before = current
    next.push.takeOver(before.push)
    current = next
    access = nextAccess
    // At once: who looks on may see less from here on.
    happenings.tell({ kind: 'reloaded' })
    // An action that is under way may take its time: the next engine does not wait for it.
    const failed = (err: unknown) => logger.error({ err }, 'the engine before did not end well')
    ending = Promise.all([ending, before.stop().catch(failed)])
    // What the one before cannot keep or end does not keep the next from running: it is the one that is asked by now.
    await Promise.allSettled([before.halt(), people.stop().catch(failed)])
    people = nextPeople
    if (dependencies.readings === undefined) people.start()
    run(next)
    inForce = loaded.config
    configuration = { file, loadedAt: clock.now(), reload: { at: clock.now(), ok: true, problems: [] } }
    metrics.reloaded(true)
    logger.info('configuration reloaded')
    return { ok: true }
  }

  /** Reloads that come while one is under way get its answer. */
  function reload(): Promise<ReloadResult> {
    reloading ??= reloadNow().finally(() => {
      reloading = undefined
    })
    return reloading
  }

  function run(engine: Engine): void {
    engine.run().catch((err: unknown) => logger.error({ err }, 'the loop ended'))
  }

  const desk = { ...parts, current: () => current.remediation }
  const services = {
    fleet: following(() => current.fleet),
    incidents: createIncidentDesk(desk),
    remediation: createRemediationDesk(desk),
  }
  const watched = { ...parts, metrics: { ...metrics, notifications: receivers.metrics } }
  const silencedElsewhere = (incident: Incident, at: number) => current.remediation.silencedElsewhere(incident, at)
  const heard = { ...watched, store: casebook.journal, desk: services, silencedElsewhere, levels: scores }
  const telling = (now: Config) => createTelling(now, heard)
  let people = telling(config)
  const status = createStatus({
    version,
    startedAt: wallClock.now(),
    wallClock,
    config: () => inForce,
    configuration: () => configuration,
    health: () => current.health(),
    receivers,
    journal: casebook.journal,
    fileFreeze: casebook.fileFreeze,
    now: clock.now,
  })
  const events = createEventHub({
    happenings,
    fleet: services.fleet,
    status: async (principal) => statusJson(await status.read(), services.fleet, principal),
    now: clock.now,
    metrics,
    logger,
  })
  const app: Express = createApi({
    ...services,
    status,
    events,
    kpis: createKpis(casebook.journal, casebook.experience, clock, metrics),
    receiveReading: heardOf(
      (reading) => current.receiveReading(reading),
      (verdict) => {
        scores.hear(verdict)
        happenings.tell({ kind: 'reading', verdict })
      },
    ),
    models: createModelArchive(createModelStore(join(config.data_dir, 'models')), contestLogIn(config.data_dir)),
    scores: createScoreReader({ history: scores, past: () => current.past, now: clock.now }),
    receiveAlerts: (...delivery) => current.remediation.responder.receiveAlerts(...delivery),
    dashboard: join(import.meta.dirname, '../ui'),
    docs: join(import.meta.dirname, '../api-docs'),
    version,
    reload,
    access: () => access,
    now: wallClock.now,
    metrics,
    logger,
  })
  const { host, port } = config.web.listen_address
  let server: RunningServer
  try {
    const tls = tlsFiles(config.web, environment)
    server = await startServer(app, host, port, logger.child({ component: 'web' }), tls)
  } catch (error) {
    await current.stop()
    await casebook.close()
    throw error
  }
  const closing = new AbortController()
  // Nobody else writes into a file of ours.
  const isShared = config.store.url !== undefined
  const watching = isShared && watchReplicas({ journal: casebook.journal, happenings, clock, logger }, closing.signal)
  // A replay tells nobody: what it is about is over, or never was.
  if (dependencies.readings === undefined) people.start()
  run(current)
  return {
    server,
    reload,
    async stop() {
      await reloading
      await Promise.all([current.stop(), people.stop()])
      await ending
      events.close()
      closing.abort(new Error('stopping'))
      await watching
      await server.close()
      await casebook.close()
    },
  }
}

/** Tells of the readings that were taken. */
function heardOf(receive: ReceiveReading, tell: (verdict: Verdict) => void): ReceiveReading {
  return async (reading) => {
    const answer = await receive(reading)
    if (answer.ok) tell(answer.judgement.verdict)
    return answer
  }
}

/** The fleet of whatever engine is in force. */
function following(fleet: () => Fleet): Fleet {
  return {
    get firstCycleDone() {
      return fleet().firstCycleDone
    },
    get cycleAt() {
      return fleet().cycleAt
    },
    verdicts: () => fleet().verdicts(),
    detail: (id) => fleet().detail(id),
    modelOf: (id) => fleet().modelOf(id),
    readyAt: (id) => fleet().readyAt(id),
    groupOf: (labels) => fleet().groupOf(labels),
    feature: (name) => fleet().feature(name),
  }
}

/** Settings that only a restart changes. */
function changedForGood(before: Config, after: Config): Problem[] {
  const change = (path: string, from: unknown, to: unknown): Problem[] =>
    JSON.stringify(from) === JSON.stringify(to)
      ? []
      : [{ where: 'configuration', path, message: 'cannot be changed by a reload', hint: 'restart Homeostat' }]
  return [
    ...change('web', before.web, after.web),
    ...change('data_dir', before.data_dir, after.data_dir),
    ...change('store', before.store, after.store),
    ...change('log', before.log, after.log),
  ]
}

/** @throws {DataDirError} when nothing can be written to it */
export async function prepareDataDir(dir: string): Promise<void> {
  try {
    await makeDir(dir)
    const probe = join(dir, '.writable')
    await writeFile(probe, '')
    await rm(probe)
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new DataDirError(
      `the data directory ${dir} cannot be written (${reason}): make it writable for this user, or name another with data_dir or --data-dir`,
      { cause },
    )
  }
}
