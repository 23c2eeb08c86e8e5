import type { Config } from '../config/resolve.ts'
import { spanText } from '../decide/guards/span-text.ts'
import type { Suppressions } from '../domain/suppression.ts'
import { createSuppressionReader, type SuppressionReader } from '../observe/alertmanager/index.ts'
import { ObserveError } from '../observe/error.ts'
import type { Clock } from '../platform/clock.ts'
import type { Environment } from '../platform/environment.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import { connection } from './sources.ts'
import { createTroubleLog } from './troubles.ts'

export interface WatchDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/** Keeps an eye on what is silenced and inhibited where alerts are routed. */
export interface AlertmanagerWatch {
  /** As it was read last; undefined before the first answer, and where nobody is asked. */
  readonly suppressions: Suppressions | undefined
  /** Why nobody knows what is silenced by now; undefined while it is known, or does not matter. */
  unknown(at: number): string | undefined
  /** Whether any member answers; undefined where nobody is asked. */
  readonly state: 'up' | 'down' | 'unknown' | undefined
  /** What those say that do not answer. */
  readonly problems: readonly string[]
  /** Reads it again and again until stopped. */
  run(): void
  stop(): Promise<void>
}

const LONGEST_PERIOD_MS = 15_000

/**
 * A reader for each member of the cluster that the configuration names.
 *
 * @throws {SecretError} when a secret is not where it should be
 */
export function suppressionReaders({ remediation }: Config, environment: Environment): SuppressionReader[] {
  const access = remediation.maintenance.alertmanager
  const { urls, timeout, max_response_size } = access
  if (urls.length === 0) return []
  const shared = connection(access, environment)
  const option = 'remediation.maintenance.alertmanager'
  const limits = { timeoutMs: timeout, maxAnswerBytes: max_response_size }
  return urls.map((url) => createSuppressionReader({ ...shared, ...limits, url, option }))
}

/** Asks all members at once, and takes together what those say that answer: silences travel between them with some delay. */
export function createAlertmanagerWatch(
  { interval, remediation }: Pick<Config, 'interval' | 'remediation'>,
  readers: readonly SuppressionReader[],
  { clock, logger, metrics }: WatchDependencies,
): AlertmanagerWatch {
  const { unreadable_after, when_unreadable } = remediation.maintenance.alertmanager
  const stopping = new AbortController()
  const { signal } = stopping
  const reading = createTroubleLog(logger, {
    begun: 'an Alertmanager cannot be read; what was read last counts for a while',
    over: 'every Alertmanager is read again',
  })
  const knowing = createTroubleLog(logger, {
    begun: 'no Alertmanager can be read: nobody knows what is silenced',
    over: 'what is silenced is known again',
  })
  let suppressions: Suppressions | undefined
  let readAt = Number.NEGATIVE_INFINITY
  let running: Promise<void> | undefined
  let state: 'up' | 'down' | 'unknown' = 'unknown'
  let problems: readonly string[] = []

  function ignorance(at: number): string | undefined {
    if (readers.length === 0 || at - readAt <= unreadable_after) return undefined
    const since = readAt === Number.NEGATIVE_INFINITY ? 'yet' : `for ${spanText(at - readAt)}`
    return `Alertmanager could not be read ${since}, so that nobody knows what is silenced there`
  }

  async function readAll(): Promise<void> {
    const answers = await Promise.allSettled(readers.map((reader) => reader.read(signal)))
    if (signal.aborted) return
    const said = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    const errors = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
    if (said.length > 0) {
      readAt = clock.now()
      suppressions = {
        silences: said.flatMap(({ silences }) => silences),
        alerts: said.flatMap(({ alerts }) => alerts),
      }
    }
    metrics.alertmanagerUp(said.length > 0)
    state = said.length > 0 ? 'up' : 'down'
    problems = errors.map((error) => (error instanceof ObserveError ? error.message : 'it cannot be read: see the log'))
    const kinds = errors.map((error) => (error instanceof ObserveError ? error.reason : String(error)))
    reading.say(kinds.join() || undefined, { errors: errors.map((error) => String(error)), readable: said.length })
    const why = ignorance(clock.now())
    knowing.say(why === undefined ? undefined : 'unknown', { why, actions: when_unreadable })
  }

  async function keepReading(): Promise<void> {
    while (!signal.aborted) {
      await readAll()
      await clock.sleep(Math.min(interval, LONGEST_PERIOD_MS), signal).catch(() => {})
    }
  }

  return {
    get suppressions() {
      return suppressions
    },
    get state() {
      return readers.length === 0 ? undefined : state
    },
    get problems() {
      return problems
    },
    unknown: (at) => (when_unreadable === 'act' ? undefined : ignorance(at)),
    run() {
      if (readers.length === 0) metrics.alertmanagerUp(undefined)
      else running ??= keepReading()
    },
    async stop() {
      stopping.abort(new Error('stopping'))
      await running
      for (const reader of readers) reader.close()
    },
  }
}
