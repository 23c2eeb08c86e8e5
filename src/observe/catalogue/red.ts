import type { BaseFeature, Expr, Matcher } from '../../domain/feature.ts'
import { add, count, div, feature, first, mul, sum } from './builders.ts'
import type { Preset } from './preset.ts'

/** A metric, perhaps only some of its series. */
export interface SeriesName {
  readonly metric: string
  readonly matchers: readonly Matcher[]
}

/** One way in which services count what they answer. */
export interface RequestMetrics {
  /** Counts requests. */
  readonly counter: SeriesName
  /** Which of them failed, by their labels: the first of these that a target has. */
  readonly errors: readonly (readonly Matcher[])[]
  /** The histogram of how long they took, without `_bucket`, `_sum` and `_count`; undefined where there is none. */
  readonly duration?: SeriesName
}

/** Where preset `red` finds its numbers. Of several names the first counts that a target has. */
export interface RedMetrics {
  readonly requests: readonly RequestMetrics[]
  /** Counters of CPU seconds. */
  readonly cpu: readonly SeriesName[]
  /** CPUs that a service may use. */
  readonly cpuLimit: readonly SeriesName[]
  /** The same for a service without a limit of its own. */
  readonly cores: number
  /** Bytes in use. */
  readonly memory: readonly SeriesName[]
  readonly memoryLimit: readonly SeriesName[]
  /** Bytes that a service without a limit may use; undefined: such a service has no `memory_percent`. */
  readonly memorySize: number | undefined
  readonly restarts: readonly SeriesName[]
  readonly restartWindowMs: number
}

const QUANTILE = 0.95
/** As cAdvisor tells the limit of a container: so many microseconds in each period of so many. */
const QUOTA = { quota: 'container_spec_cpu_quota', period: 'container_spec_cpu_period' }

/**
 * Rate, errors and duration of services, and what their containers or processes use, under the names that pushed
 * readings have.
 *
 * @throws {RangeError} without a counter of requests
 */
export function redPreset(metrics: RedMetrics): Preset {
  const { requests, restarts, restartWindowMs } = metrics
  if (requests.length === 0) throw new RangeError('preset red needs at least one counter of requests')
  const counters = requests.map(({ counter }) => counter)
  const ofService = among(counters)
  const durations = distinct(requests.flatMap(({ duration }) => (duration === undefined ? [] : [duration])))
  return {
    heartbeat: [...new Set(counters.map(({ metric }) => metric))],
    features: [
      feature('requests_per_second', 'per_second', 'Requests answered', anyOf(counters.map((one) => sum(rateOf(one))))),
      feature('error_rate_percent', 'percent', 'Requests that failed, of all', anyOf(requests.map(errorShare))),
      ...latencies(durations),
      ...cpu(metrics).map(ofService),
      ...memory(metrics).map(ofService),
      ...when(restarts, (all) =>
        feature(
          'restarts',
          'count',
          `Restarts within ${restartWindowMs / 60_000} min`,
          anyOf(all.map((one) => sum({ kind: 'increase', ...one, windowMs: restartWindowMs }))),
        ),
      ).map(ofService),
    ],
  }
}

/** The share of errors; none where a service has requests but no series of a failed one. */
function errorShare({ counter, errors }: RequestMetrics): Expr {
  const all = sum(rateOf(counter))
  const failed = errors.map((matchers) => sum(rateOf({ ...counter, matchers: [...counter.matchers, ...matchers] })))
  return mul(100, div(anyOf([...failed, mul(0, all)]), all))
}

function latencies(durations: readonly SeriesName[]): readonly BaseFeature[] {
  return when(durations, (all) =>
    feature('request_latency_ms', 'count', 'Mean time of a request, ms', anyOf(all.map(meanOf))),
  ).concat(
    when(durations, (all) =>
      feature(
        'request_latency_p95_ms',
        'count',
        'Time within which 95 % of requests were answered, ms',
        anyOf(all.map(p95Of)),
      ),
    ),
  )
}

function meanOf(histogram: SeriesName): Expr {
  return mul(inMs(histogram), div(sum(rateOf(part(histogram, 'sum'))), sum(rateOf(part(histogram, 'count')))))
}

function p95Of(histogram: SeriesName): Expr {
  return mul(inMs(histogram), { kind: 'quantile', quantile: QUANTILE, ...part(histogram, 'bucket') })
}

/** Milliseconds in the unit of a histogram, as its name tells it; seconds unless it does. */
function inMs({ metric }: SeriesName): number {
  return /_(ms|milliseconds)$/.test(metric) ? 1 : 1000
}

function part({ metric, matchers }: SeriesName, suffix: string): SeriesName {
  return { metric: `${metric}_${suffix}`, matchers }
}

function cpu({ cpu, cpuLimit, cores }: RedMetrics): readonly BaseFeature[] {
  return when(cpu, (all) => {
    const used = anyOf(all.map((one) => sum(rateOf(one))))
    const [{ matchers }] = all
    const told = [
      div(sum(gaugeOf({ metric: QUOTA.quota, matchers })), anyOf([meanGauge({ metric: QUOTA.period, matchers })])),
      ...cpuLimit.map((one) => sum(gaugeOf(one))),
    ]
    const limit = anyOf([...told.map(positive), add(cores, mul(0, used))])
    return feature('cpu_percent', 'percent', 'CPU time used, of what the service may use', mul(100, div(used, limit)))
  })
}

function memory({ memory, memoryLimit, memorySize }: RedMetrics): readonly BaseFeature[] {
  return when(memory, (all) => {
    const used = anyOf(all.map((one) => sum(gaugeOf(one))))
    const told = memoryLimit.map((one) => positive(sum(gaugeOf(one))))
    const limits = memorySize === undefined ? told : [...told, add(memorySize, mul(0, used))]
    const percent = (of: Expr) => mul(100, div(used, of))
    const help = 'Memory in use, of what the service may use'
    return feature('memory_percent', 'percent', help, percent(limits.length === 0 ? mul(0, used) : anyOf(limits)))
  })
}

/** Leaves out targets that count no requests: nodes and their agents have containers, too. */
function among(counters: readonly SeriesName[]): (one: BaseFeature) => BaseFeature {
  const present = anyOf(counters.map((one) => count(gaugeOf(one))))
  return (one) => ({ ...one, expr: add(one.expr, mul(0, present)) })
}

/** Leaves out zeros, by which "no limit" is told. */
function positive(expr: Expr): Expr {
  return div(1, div(1, expr))
}

function distinct(names: readonly SeriesName[]): readonly SeriesName[] {
  return [...new Map(names.map((name) => [JSON.stringify(name), name])).values()]
}

function when<T>(names: readonly T[], make: (names: readonly [T, ...T[]]) => BaseFeature): readonly BaseFeature[] {
  const [one, ...more] = names
  return one === undefined ? [] : [make([one, ...more])]
}

function anyOf(exprs: readonly Expr[]): Expr {
  const [one, ...more] = exprs
  return first(one, ...more)
}

function rateOf(name: SeriesName): Expr {
  return { kind: 'rate', ...name }
}

function gaugeOf(name: SeriesName): Expr {
  return { kind: 'gauge', ...name }
}

function meanGauge(name: SeriesName): Expr {
  return { kind: 'aggregate', by: 'avg', of: gaugeOf(name) }
}
