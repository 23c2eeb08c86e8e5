import { callersOf, type ServiceDefinition, type ServiceMetrics } from './service.ts'
import type { World } from './world.ts'

/** Upper bounds of the buckets of request durations, s: the usual ones of Prometheus' clients. */
export const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** Who calls a service that no other service calls. */
const OUTSIDE = 'user'

/** How wide request durations are spread around their mean; the larger the narrower. */
const SHAPE = 4

/** What a service has done since its start, as counters count it, and how it stands. */
export interface ServiceTotals {
  readonly definition: ServiceDefinition
  readonly succeeded: number
  readonly failed: number
  /** Requests that took at most as long as the bound of `DURATION_BUCKETS` at the same place. */
  readonly buckets: readonly number[]
  /** s */
  readonly durationSum: number
  /** s of one processor a replica. */
  readonly cpuSeconds: number
  readonly restarts: number
  /** Calls from each of those that call it. */
  readonly calls: ReadonlyMap<string, number>
  readonly replicas: number
  readonly metrics: ServiceMetrics
}

/** Turns readings into what counters would have counted meanwhile. */
export interface Traffic {
  /** Takes the readings of a tick. */
  take(readings: readonly { readonly service: string; readonly metrics: ServiceMetrics }[]): void
  /** One for every service that has had a reading. */
  totals(): readonly ServiceTotals[]
}

interface Counting {
  readonly definition: ServiceDefinition
  /** Both not rounded: what is left over counts at the next tick. */
  succeeded: number
  failed: number
  readonly buckets: number[]
  durationSum: number
  cpuSeconds: number
  restarts: number
  readonly callers: readonly string[]
  replicas: number
  metrics: ServiceMetrics
}

/** Rates over its totals give the readings back, but for requests that are not whole. */
export function createTraffic(world: World, tickMs: number): Traffic {
  const callers = callersOf(world.services)
  const definitions = new Map(world.services.map((service) => [service.name, service]))
  const counting = new Map<string, Counting>()

  function start(service: string, metrics: ServiceMetrics): Counting {
    const names = callers.get(service)!
    const begun: Counting = {
      definition: definitions.get(service)!,
      succeeded: 0,
      failed: 0,
      buckets: DURATION_BUCKETS.map(() => 0),
      durationSum: 0,
      cpuSeconds: 0,
      restarts: 0,
      callers: names.length === 0 ? [OUTSIDE] : names,
      replicas: 1,
      metrics,
    }
    counting.set(service, begun)
    return begun
  }

  return {
    take(readings) {
      for (const { service, metrics } of readings) {
        const one = counting.get(service) ?? start(service, metrics)
        count(one, metrics, tickMs / 1000)
        const { replicas, restartsTotal } = world.state(service)
        one.replicas = replicas
        one.restarts = restartsTotal
      }
    },
    totals: () => [...counting.values()].map(totalsOf),
  }
}

function count(one: Counting, metrics: ServiceMetrics, seconds: number): void {
  const before = requestsOf(one)
  const asked = metrics.requests_per_second * seconds
  const failing = metrics.error_rate_percent / 100
  one.succeeded += asked * (1 - failing)
  one.failed += asked * failing
  const requests = requestsOf(one) - before
  const mean = metrics.request_latency_ms / 1000
  for (const [i, bound] of DURATION_BUCKETS.entries()) one.buckets[i] += Math.round(requests * shareWithin(bound, mean))
  one.durationSum += requests * mean
  one.cpuSeconds += (metrics.cpu_percent / 100) * seconds * one.replicas
  one.metrics = metrics
}

/** Share of requests that take at most `bound`: log-logistic, whose distribution has a closed form, with this mean. */
function shareWithin(bound: number, mean: number): number {
  const median = (mean * Math.sin(Math.PI / SHAPE)) / (Math.PI / SHAPE)
  return 1 / (1 + (bound / median) ** -SHAPE)
}

function requestsOf({ succeeded, failed }: Counting): number {
  return Math.floor(succeeded) + Math.floor(failed)
}

function totalsOf({ callers, ...one }: Counting): ServiceTotals {
  const all = requestsOf({ callers, ...one })
  // Callers take turns: whole calls that never grow fewer, all of them together as many as there were requests.
  const calls = callers.map((name, i) => [name, Math.ceil(Math.max(0, all - i) / callers.length)] as const)
  return { ...one, succeeded: Math.floor(one.succeeded), failed: Math.floor(one.failed), calls: new Map(calls) }
}
