import { createRandom, type Random, seedFor } from '../domain/random.ts'
import type { Impact } from './fault.ts'
import type { ServiceDefinition, ServiceMetrics } from './service.ts'

/** Ticks that a restart stays in the metric `restarts`. */
export const RESTART_MEMORY = 4
/** Share of a callee's additional milliseconds that its caller waits: not every request needs it. */
const WAITING_SHARE = 0.38
/** Share of a callee's additional errors that a caller passes on; retries and fallbacks take the rest. */
const FAILING_SHARE = 0.2
/** Part of a service's requests that follow what its callers get. */
const FOLLOWING_SHARE = 0.1
/** A callee that is a little slower, fails a little more, or a caller that asks a little more, is not noticed. */
const UNNOTICED = { latency: 1.35, errors: 3, requests: 0.15 }
/** Of cpu and memory; what is asked for beyond comes ever slower. */
const STRAINED_PERCENT = 85
const MS_PER_DAY = 86_400_000

/**
 * What a service is like and what it remembers. The figures keep it, without faults, in cpu 20–40 %, memory 40–55 %,
 * latency 60–100 ms, errors 0–2 % and 100–140 requests per second at any hour, with one replica or two.
 */
export interface Running {
  readonly definition: ServiceDefinition
  readonly random: Random
  /** Means of a day. */
  readonly usual: {
    readonly cpu: number
    readonly memory: number
    readonly disk: number
    readonly latency: number
    readonly errors: number
    readonly requests: number
  }
  /** Slow wander of load (share) and memory (percent), autoregressive. */
  readonly wander: { load: number; memory: number }
  replicas: number
  /** Ticks that it still needs to come up. */
  outage: number
  /** Requests per second that it lets in, for so many ticks. */
  throttle: { readonly limit: number; ticks: number } | undefined
  /** Ticks of its latest restarts. */
  restartedAt: number[]
  /** Since the start. */
  restartsTotal: number
}

/** A service beside another, at the tick before. */
export interface Seen {
  readonly metrics: ServiceMetrics
  readonly usual: Running['usual']
}

/** What comes to a service from outside at one tick. */
export interface Surroundings {
  readonly impacts: readonly Impact[]
  readonly called: readonly Seen[]
  readonly callers: readonly Seen[]
  readonly tick: number
  /** ms since the epoch */
  readonly at: number
}

export function startService(definition: ServiceDefinition, seed: number): Running {
  const random = createRandom(seedFor(seed, definition.name))
  const between = (low: number, high: number) => low + random() * (high - low)
  return {
    definition,
    random,
    usual: {
      cpu: between(27, 33),
      memory: between(44, 50),
      disk: between(30, 36),
      latency: between(72, 84),
      errors: between(0.5, 1),
      requests: between(117, 122),
    },
    wander: { load: 0, memory: 0 },
    replicas: 1,
    outage: 0,
    throttle: undefined,
    restartedAt: [],
    restartsTotal: 0,
  }
}

/** What a service shows at this tick. Draws the same count of random numbers whatever happens, so that worlds compare. */
export function show(one: Running, { impacts, called, callers, tick, at }: Surroundings): ServiceMetrics {
  const { usual, wander, random } = one
  wander.load = clamp(0.95 * wander.load + 0.0035 * bell(random), -0.025, 0.025)
  wander.memory = clamp(0.97 * wander.memory + 0.25 * bell(random), -3, 3)
  const noise = {
    cpu: 1.2 * bell(random),
    memory: 0.15 * bell(random),
    disk: 0.05 * bell(random),
    latency: 0.035 * bell(random),
    errors: 0.25 * bell(random),
    requests: 0.0115 * bell(random),
  }
  const sum = (pick: (impact: Impact) => number | undefined) =>
    impacts.reduce((all, each) => all + (pick(each) ?? 0), 0)
  const product = (pick: (impact: Impact) => number | undefined) =>
    impacts.reduce((all, each) => all * (pick(each) ?? 1), 1)

  const isDown = one.outage > 0
  const demand = usual.requests * (1 + daily(at)) * (1 + wander.load) * (1 + following(callers, at))
  const asked = demand * product((impact) => impact.trafficFactor) * (1 + noise.requests)
  const requests = Math.min((isDown ? 0.2 : 1) * asked, one.throttle?.limit ?? Number.POSITIVE_INFINITY)
  const work = 0.5 + 0.5 * (requests / usual.requests)
  const latency = usual.latency * Math.max(work, 0.8) * product((impact) => impact.latencyFactor) * (1 + noise.latency)
  const cpu = usual.cpu * work * (0.88 + 0.12 / one.replicas)
  return {
    cpu_percent: strained(cpu + sum((impact) => impact.cpu) + noise.cpu),
    memory_percent: strained(usual.memory + wander.memory + sum((impact) => impact.memory) + noise.memory),
    request_latency_ms: latency + sum((impact) => impact.latencyMs) + waiting(called) + (isDown ? 60 : 0),
    error_rate_percent: clamp(
      usual.errors + noise.errors + sum((impact) => impact.errors) + failing(called) + (isDown ? 6 : 0),
      0,
      100,
    ),
    requests_per_second: requests,
    restarts: countRestarts(
      one,
      sum((impact) => impact.restarts),
      tick,
    ),
    disk_percent: clamp(usual.disk + sum((impact) => impact.disk) + noise.disk, 0, 100),
  }
}

/** Counts a tick down for what lasts. */
export function pass(one: Running): void {
  if (one.outage > 0) one.outage--
  if (one.throttle === undefined) return
  one.throttle.ticks--
  if (one.throttle.ticks <= 0) one.throttle = undefined
}

/** Notes that it was restarted, by itself or by somebody. */
export function restarted(one: Running, tick: number): void {
  one.restartedAt.push(tick)
  one.restartsTotal++
}

/** Share of load above or below the day's mean: most at 14:00 UTC, least at 2:00. */
function daily(at: number): number {
  return 0.08 * Math.sin((2 * Math.PI * (at - (8 / 24) * MS_PER_DAY)) / MS_PER_DAY)
}

function countRestarts(one: Running, added: number, tick: number): number {
  for (let i = 0; i < added; i++) restarted(one, tick)
  one.restartedAt = one.restartedAt.filter((restartedAt) => restartedAt > tick - RESTART_MEMORY)
  return one.restartedAt.length
}

/** ms */
function waiting(called: readonly Seen[]): number {
  return called.reduce((all, { metrics, usual }) => {
    return all + WAITING_SHARE * Math.max(0, metrics.request_latency_ms - UNNOTICED.latency * usual.latency)
  }, 0)
}

/** Percent. */
function failing(called: readonly Seen[]): number {
  return called.reduce((all, { metrics }) => {
    return all + FAILING_SHARE * Math.max(0, metrics.error_rate_percent - UNNOTICED.errors)
  }, 0)
}

/** Share of requests more, or less. */
function following(callers: readonly Seen[], at: number): number {
  if (callers.length === 0) return 0
  const changes = callers.map(({ metrics, usual }) => {
    const change = metrics.requests_per_second / (usual.requests * (1 + daily(at))) - 1
    return Math.sign(change) * Math.max(0, Math.abs(change) - UNNOTICED.requests)
  })
  return (FOLLOWING_SHARE * changes.reduce((all, each) => all + each, 0)) / callers.length
}

/** The percentage that is shown for what is asked: close to 100, never beyond. */
function strained(percent: number): number {
  if (percent <= STRAINED_PERCENT) return Math.max(percent, 0.5)
  const room = 99.5 - STRAINED_PERCENT
  return STRAINED_PERCENT + room * (1 - Math.exp((STRAINED_PERCENT - percent) / room))
}

/** Standard normal by Box–Muller, cut off at three sigma. */
function bell(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()))
  return clamp(radius * Math.cos(2 * Math.PI * random()), -3, 3)
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}
