import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client'
import { addKpiMetrics, type KpiValues } from './metrics-kpis.ts'
import { addNotificationMetrics, type NotificationMetrics } from './metrics-notifications.ts'
import { addProcessMetrics } from './metrics-process.ts'

/** The parts of a cycle, and the work beside it, whose time is taken. */
const STAGES = [
  'tick',
  'observe',
  'featurize',
  'detect',
  'diagnose',
  'decide',
  'record',
  'heal',
  'train',
  'render',
] as const
type Stage = (typeof STAGES)[number]

/** Why a stage failed; anything else counts as `other`. */
const FAILURE_REASONS = [
  'unreachable',
  'timeout',
  'auth',
  'bad_response',
  'too_large',
  'query',
  'unsupported',
  'full',
  'read_only',
  'corrupt',
  'conflict',
  'internal',
  'other',
] as const

const TARGET_STATES = ['fresh', 'warming_up', 'stale'] as const
const CLEANING_KINDS = ['forward_filled', 'missing', 'dropped_rows'] as const
const TRAINING_OUTCOMES = ['accepted', 'rejected', 'skipped', 'failed'] as const
const INCIDENT_OUTCOMES = ['opened', 'recovered', 'useful', 'not_useful'] as const
const VERDICTS = ['execute', 'ask', 'observe', 'refuse', 'none'] as const
const WEBHOOK_SOURCES = ['alertmanager', 'grafana'] as const
/** What became of a message with alerts; `duplicate` had nothing new in it. */
const WEBHOOK_RESULTS = [
  'accepted',
  'duplicate',
  'unauthorized',
  'invalid',
  'too_large',
  'timeout',
  'unavailable',
] as const
export type WebhookResult = (typeof WEBHOOK_RESULTS)[number]
/** What became of a pushed reading; `older` was not newer than the newest. */
const OBSERVATION_RESULTS = [
  'accepted',
  'older',
  'unauthorized',
  'invalid',
  'too_large',
  'timeout',
  'unavailable',
] as const
export type ObservationResult = (typeof OBSERVATION_RESULTS)[number]
const EVENT_RESETS = ['restarted', 'too_old', 'slow'] as const
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

type Counts<K extends string> = Readonly<Record<K, number>>

/** What Homeostat says of itself on /metrics. Label values come from closed sets. */
export interface Metrics {
  readonly registry: Registry
  readonly notifications: NotificationMetrics
  /** Where the KPIs of the last 7 days are to be had, from now on. */
  kpisFrom(read: () => KpiValues): void
  stageTook(stage: Stage, seconds: number): void
  /** `reason` is that of an `ObserveError`, or `internal`; what is unknown counts as `other`. */
  stageFailed(stage: Stage, reason: string): void
  ticked(): void
  ticksMissed(count: number): void
  /** Time of the newest sample of any target, ms since the epoch. */
  newestSampleAt(ms: number): void
  targets(counts: Counts<(typeof TARGET_STATES)[number]>): void
  /** When the oldest model in use was trained, ms since the epoch; NaN without a model. */
  modelTrainedAt(ms: number): void
  reloaded(successfully: boolean): void
  /** What cleaning did in one cycle. */
  cleaned(counts: Counts<(typeof CLEANING_KINDS)[number]>): void
  trained(outcome: (typeof TRAINING_OUTCOMES)[number]): void
  webhookAnswered(source: (typeof WEBHOOK_SOURCES)[number], result: WebhookResult): void
  observationAnswered(result: ObservationResult): void
  incident(outcome: (typeof INCIDENT_OUTCOMES)[number]): void
  /** A decision that differs from the one before it about the same incident. */
  decided(verdict: (typeof VERDICTS)[number]): void
  /** An action has come into a state. */
  acted(action: string, state: string): void
  /** Actions that wait for a person. */
  actionsWaiting(count: number): void
  frozen(isFrozen: boolean): void
  /** Whether the last observation succeeded. */
  sourceUp(up: boolean): void
  /** Whether an Alertmanager could be read last; undefined where none is to be. */
  alertmanagerUp(up: boolean | undefined): void
  /** Remarks that make an answer of the source incomplete. */
  sourceWarned(count: number): void
  /** Streams of events that are open. */
  eventStreams(count: number): void
  /** A stream of events told its reader to begin anew. */
  eventStreamReset(reason: (typeof EVENT_RESETS)[number]): void
  /** `route` is a pattern such as `/api/v1/targets/{id}`, never the path that was asked for. */
  requestServed(route: string, method: string, code: number): void
}

export interface MetricsOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Version of Homeostat. */
  readonly version: string
  /** Version of Node.js. */
  readonly node: string
}

/** From a quiet stage (1 ms) to one that takes a whole interval and more. */
const STAGE_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Our own metrics on a registry of their own; counters with closed label sets begin at 0, so that `rate` sees the first event. */
export function createMetrics({ now, version, node }: MetricsOptions): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Counter({ name: `homeostat_${name}`, help, labelNames, registers })
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge({ name: `homeostat_${name}`, help, labelNames, registers })
  /** Seconds since a point in time; no series as long as there is none. */
  const age = (name: string, help: string) => {
    let since = Number.NaN
    const collect = function (this: Gauge) {
      if (Number.isNaN(since)) this.remove()
      else this.set((now() - since) / 1000)
    }
    new Gauge({ name: `homeostat_${name}`, help, registers, collect })
    return (ms: number) => {
      since = ms
    }
  }

  const duration = new Histogram({
    name: 'homeostat_stage_duration_seconds',
    help: 'Time that a stage of the cycle took.',
    labelNames: ['stage'],
    buckets: STAGE_BUCKETS,
    registers,
  })
  const failures = counter('stage_failures_total', 'Failures of a stage by reason.', ['stage', 'reason'])
  const ticks = counter('ticks_total', 'Cycles that were run.')
  const missed = counter('ticks_missed_total', 'Cycles left out because the one before took too long.')
  const newestSampleAt = age('data_age_seconds', 'Age of the newest sample of any target.')
  const modelTrainedAt = age('model_age_seconds', 'Age of the oldest model in use.')
  const targets = gauge('targets', 'Targets by state.', ['state'])
  const reload = gauge('config_last_reload_successful', 'Whether the configuration was good when it was last read.')
  const cleaning = counter(
    'cleaning_total',
    'Repairs of input: values carried forward, values still missing, rows without a new sample.',
    ['kind'],
  )
  const trainings = counter('trainings_total', 'Trainings of models by outcome.', ['outcome'])
  const incidents = counter('incidents_total', 'Incidents that opened and recovered, and what people said of them.', [
    'outcome',
  ])
  const webhooks = counter('webhook_requests_total', 'Messages with alerts by what became of them.', [
    'source',
    'result',
  ])
  const observations = counter('observations_total', 'Pushed readings by what became of them.', ['result'])
  const decisions = counter('decisions_total', 'Decisions about incidents by verdict.', ['verdict'])
  const actions = counter('actions_total', 'Actions that came into a state of the ledger.', ['action', 'state'])
  const waiting = gauge('actions_waiting', 'Actions that wait for a person.')
  const frozen = gauge('frozen', 'Whether the kill switch is on.')
  const up = gauge('source_up', 'Whether the last observation succeeded.')
  const alertmanager = gauge('alertmanager_up', 'Whether silences and inhibitions could be read from an Alertmanager.')
  const warnings = counter('source_warnings_total', 'Reasons why an answer of the source may be incomplete.')
  const requests = counter('http_requests_total', 'HTTP requests answered.', ['route', 'method', 'code'])
  const streams = gauge('event_streams', 'Streams of events that are open.')
  const resets = counter(
    'event_stream_resets_total',
    'Times that readers of events were told to begin anew, by reason.',
    ['reason'],
  )
  gauge('build_info', 'Constant 1, labelled by version.', ['version', 'node']).set({ version, node }, 1)
  addProcessMetrics(registry)
  const notifications = addNotificationMetrics(registry)
  let kpis: (() => KpiValues) | undefined
  addKpiMetrics(registry, () => kpis?.())

  for (const stage of STAGES) duration.zero({ stage })
  for (const stage of STAGES) for (const reason of FAILURE_REASONS) failures.inc({ stage, reason }, 0)
  for (const state of TARGET_STATES) targets.set({ state }, 0)
  for (const kind of CLEANING_KINDS) cleaning.inc({ kind }, 0)
  for (const outcome of TRAINING_OUTCOMES) trainings.inc({ outcome }, 0)
  for (const verdict of VERDICTS) decisions.inc({ verdict }, 0)
  alertmanager.remove()
  waiting.set(0)
  streams.set(0)
  for (const reason of EVENT_RESETS) resets.inc({ reason }, 0)
  frozen.set(0)
  for (const outcome of INCIDENT_OUTCOMES) incidents.inc({ outcome }, 0)
  for (const source of WEBHOOK_SOURCES) for (const result of WEBHOOK_RESULTS) webhooks.inc({ source, result }, 0)
  for (const result of OBSERVATION_RESULTS) observations.inc({ result }, 0)
  reload.set(1)

  return {
    registry,
    notifications,
    kpisFrom(read) {
      kpis = read
    },
    stageTook: (stage, seconds) => duration.observe({ stage }, seconds),
    stageFailed: (stage, reason) => failures.inc({ stage, reason: oneOf(FAILURE_REASONS, reason) }),
    ticked: () => ticks.inc(),
    ticksMissed: (count) => missed.inc(count),
    newestSampleAt,
    modelTrainedAt,
    targets: (counts) => {
      for (const state of TARGET_STATES) targets.set({ state }, counts[state])
    },
    reloaded: (successfully) => reload.set(successfully ? 1 : 0),
    cleaned: (counts) => {
      for (const kind of CLEANING_KINDS) cleaning.inc({ kind }, counts[kind])
    },
    trained: (outcome) => trainings.inc({ outcome }),
    webhookAnswered: (source, result) => webhooks.inc({ source, result }),
    observationAnswered: (result) => observations.inc({ result }),
    incident: (outcome) => incidents.inc({ outcome }),
    decided: (verdict) => decisions.inc({ verdict }),
    acted: (action, state) => actions.inc({ action, state }),
    actionsWaiting: (count) => waiting.set(count),
    frozen: (isFrozen) => frozen.set(isFrozen ? 1 : 0),
    sourceUp: (isUp) => up.set(isUp ? 1 : 0),
    alertmanagerUp: (isUp) => (isUp === undefined ? alertmanager.remove() : alertmanager.set(isUp ? 1 : 0)),
    sourceWarned: (count) => warnings.inc(count),
    eventStreams: (count) => streams.set(count),
    eventStreamReset: (reason) => resets.inc({ reason }),
    requestServed: (route, method, code) => requests.inc({ route, method: oneOf(METHODS, method), code }),
  }
}

function oneOf(known: readonly string[], word: string): string {
  return known.includes(word) ? word : 'other'
}
