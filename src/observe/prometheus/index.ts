import type { Matcher } from '../../domain/feature.ts'
import { DEFAULT_IDENTITY } from '../../domain/target.ts'
import { assertDistinct, catalogueOf, type Preset } from '../catalogue/preset.ts'
import { type ConnectionOptions, createHttpClient, type HttpClient, type HttpClientOptions } from '../http.ts'
import type { Log, Source } from '../source.ts'
import { TargetTable } from '../target-table.ts'
import { httpUrl } from '../url.ts'
import { readCalls } from './calls.ts'
import { createPrometheusClient } from './client.ts'
import { createHistoryReader } from './history.ts'
import { createObserver } from './observe.ts'
import { readPast } from './past.ts'
import { createPlanner } from './planner.ts'
import type { CustomFeature } from './queries.ts'

export interface PrometheusOptions extends ConnectionOptions {
  /** Root of the API, perhaps with a path prefix; userinfo in it is used as basic auth. */
  readonly url: string
  readonly presets: readonly Preset[]
  readonly custom?: readonly CustomFeature[]
  readonly identity?: readonly string[]
  /** Added to every selector of the presets, for example `job="node"`. */
  readonly extraMatchers?: readonly Matcher[]
  /** Undefined: four times the scrape interval, at least 1 minute. */
  readonly rateWindowMs?: number
  /** Features of the presets are read from the series of recording rules, not computed by each query. */
  readonly recorded?: boolean
  /** How long a target may be missing before it is forgotten; 10 minutes by default. */
  readonly goneAfterMs?: number
  /** Queries in flight; 4 by default. */
  readonly concurrency?: number
  /** For all queries of one observation together; 10 s by default. */
  readonly timeoutMs?: number
  /** For one query of the past; 60 s by default. */
  readonly historyTimeoutMs?: number
  /** Largest answer accepted, after decompression; 64 MiB by default. */
  readonly maxAnswerBytes?: number
  /** How many values of the past may be in memory at once; 8 million (64 MB) by default. */
  readonly maxHistoryValues?: number
}

export interface PrometheusDependencies {
  readonly log: Log
  readonly http?: (options: HttpClientOptions) => HttpClient
}

const QUERIES_IN_FLIGHT = 4

/**
 * Observes through the HTTP API of Prometheus, or of a server that imitates it. Nothing is asked before the first
 * observation.
 *
 * @throws {RangeError} when a feature is defined twice, a name is not valid in PromQL, or the URL is none
 */
export function createPrometheusSource(
  options: PrometheusOptions,
  { log, http = createHttpClient }: PrometheusDependencies,
): Source {
  const {
    concurrency = QUERIES_IN_FLIGHT,
    timeoutMs = 10_000,
    goneAfterMs = 600_000,
    identity = DEFAULT_IDENTITY,
    custom = [],
  } = options
  const catalogue = catalogueOf(options.presets)
  const features = [...catalogue.features, ...custom].map((feature) => feature.name)
  assertDistinct(features)

  const connection = http({
    peer: 'Prometheus',
    option: 'source.prometheus',
    credentials: options.credentials,
    headers: options.headers,
    tls: options.tls,
    maxBytes: options.maxAnswerBytes ?? 64 * 1024 * 1024,
    maxSockets: concurrency,
  })
  const client = createPrometheusClient(connection.get, httpUrl(options.url, 'source.prometheus.url'))
  const { extraMatchers = [], rateWindowMs, recorded = false } = options
  const asked = { catalogue, custom, identity, extraMatchers, rateWindowMs, recorded, timeoutMs }
  const plan = createPlanner(client, asked, log)
  const shared = { client, plan, features }
  return {
    kind: 'prometheus',
    observe: createObserver({
      ...shared,
      table: new TargetTable(identity, goneAfterMs),
      timeoutMs,
      inFlight: concurrency,
    }),
    history: createHistoryReader({
      ...shared,
      identity,
      goneAfterMs,
      timeoutMs: options.historyTimeoutMs ?? 60_000,
      // Half, so that a training never takes all connections from the live observations.
      inFlight: Math.max(1, Math.floor(concurrency / 2)),
      maxValues: options.maxHistoryValues ?? 8_000_000,
    }),
    async holds(promql, at, signal) {
      const { series, warnings } = await client.query(promql, at, timeoutMs, signal)
      return warnings.length > 0 ? undefined : series.some(isNotZero)
    },
    past: (promql, range, signal) => readPast(client, promql, range, options.historyTimeoutMs ?? 60_000, signal),
    calls: (counter, at, signal) => readCalls(client, counter, at, timeoutMs, signal),
    async close() {
      connection.close()
    },
  }
}

/** Whether a series of an instant vector has a value, and that is not 0. */
function isNotZero(series: unknown): boolean {
  const value = Number((series as { value?: readonly unknown[] } | null)?.value?.[1] ?? 0)
  return !Number.isNaN(value) && value !== 0
}
