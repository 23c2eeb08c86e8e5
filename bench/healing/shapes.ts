import type { Cause } from '../../src/domain/diagnosis.ts'
import { createRandom, type Random, seedFor } from '../../src/domain/random.ts'
import type { ServiceMetrics } from '../../src/simulate/service.ts'

/** A way to be ill, or to be odd and well, that is in no list of faults. */
export interface Shape {
  readonly name: string
  /** Readings that it lasts. */
  readonly lasts: number
  /** What may be called its cause; none where nothing is wrong. */
  readonly causes: readonly Cause[]
  /** What a service shows that would otherwise show `well`. */
  readonly show: (well: ServiceMetrics, age: number, random: Random) => ServiceMetrics
}

export const SHAPES: readonly Shape[] = [
  {
    name: 'cpu in saw teeth',
    lasts: 80,
    causes: ['cpu_saturation'],
    show(m, age) {
      const tooth = (age % 10) / 9
      const request_latency_ms = m.request_latency_ms * (1 + 3.5 * tooth ** 3)
      return { ...m, cpu_percent: m.cpu_percent + 62 * tooth, request_latency_ms }
    },
  },
  {
    name: 'errors that creep',
    lasts: 120,
    causes: ['high_error_rate'],
    show: (m, age) => ({ ...m, error_rate_percent: m.error_rate_percent + Math.min(0.15 * age, 16) }),
  },
  {
    name: 'latency of two modes',
    lasts: 60,
    causes: ['latency', 'dependency_failing'],
    show: (m, _age, random) => ({ ...m, request_latency_ms: m.request_latency_ms * (random() < 0.4 ? 4.5 : 1) }),
  },
  {
    name: 'latency twice as long',
    lasts: 60,
    causes: ['latency', 'dependency_failing'],
    show: (m, _age, random) => ({ ...m, request_latency_ms: m.request_latency_ms * (1.8 + 0.4 * random()) }),
  },
  {
    name: 'a third of the requests',
    lasts: 60,
    causes: ['traffic_drop'],
    show: (m) => ({ ...m, requests_per_second: m.requests_per_second / 3, cpu_percent: 0.6 * m.cpu_percent }),
  },
  {
    name: 'a leak that ends at 72 %',
    lasts: 120,
    causes: ['memory_leak'],
    show: (m, age) => ({ ...m, memory_percent: m.memory_percent + Math.min(0.6 * age, 24) }),
  },
  {
    name: 'restarts without errors',
    lasts: 40,
    causes: ['crash_loop'],
    show: (m, age) => ({ ...m, restarts: Math.min(1 + Math.floor(age / 4), 4) }),
  },
  {
    name: 'overload that comes and goes',
    lasts: 60,
    causes: ['cpu_saturation'],
    show: (m, age) => (age % 6 < 3 ? { ...m, cpu_percent: 93, request_latency_ms: 5 * m.request_latency_ms } : m),
  },
  {
    name: 'more requests than ever',
    lasts: 60,
    causes: ['overload'],
    show: (m) => ({
      ...m,
      requests_per_second: 2.6 * m.requests_per_second,
      cpu_percent: 1.7 * m.cpu_percent,
      request_latency_ms: 1.6 * m.request_latency_ms,
    }),
  },
  {
    name: 'cpu that creeps to 75 %',
    lasts: 160,
    causes: ['cpu_saturation'],
    show: (m, age) => ({ ...m, cpu_percent: m.cpu_percent + Math.min(0.35 * age, 45) }),
  },
  {
    name: 'nobody asks any more',
    lasts: 60,
    causes: ['traffic_drop'],
    show: (m) => ({ ...m, requests_per_second: 0, cpu_percent: 2, request_latency_ms: 0, error_rate_percent: 0 }),
  },
  {
    name: 'bursts of errors',
    lasts: 80,
    causes: ['high_error_rate'],
    show: (m, age) => (age % 8 < 2 ? { ...m, error_rate_percent: m.error_rate_percent + 14 } : m),
  },
  {
    name: 'memory in waves',
    lasts: 80,
    causes: ['memory_leak', 'memory_pressure'],
    show: (m, age) => ({ ...m, memory_percent: m.memory_percent + 17 * (1 - Math.cos(age / 5)) }),
  },
  { name: 'well: noise that wanders', lasts: 200, causes: [], show: wandering() },
  {
    // As much more, then less, as a day has at most, at once.
    name: 'well: a step in the rhythm',
    lasts: 200,
    causes: [],
    show(m, age) {
      const load = age < 100 ? 1.1 : 0.9
      const work = 0.5 + 0.5 * load
      return {
        ...m,
        requests_per_second: m.requests_per_second * load,
        cpu_percent: m.cpu_percent * work,
        request_latency_ms: m.request_latency_ms * work,
      }
    },
  },
  {
    name: 'well: a day in twenty minutes',
    lasts: 400,
    causes: [],
    show(m, age) {
      const wave = Math.sin((2 * Math.PI * age) / 400)
      return {
        ...m,
        requests_per_second: m.requests_per_second * (1 + 0.1 * wave),
        cpu_percent: m.cpu_percent + 4 * wave,
        request_latency_ms: m.request_latency_ms + 8 * wave,
      }
    },
  },
]

/** Autoregressive, within the normal ranges. */
function wandering(): Shape['show'] {
  let [cpu, latency, requests] = [0, 0, 0]
  const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))
  return (m, _age, random) => {
    const step = (size: number) => size * (random() + random() + random() - 1.5)
    cpu = 0.95 * cpu + step(1.2)
    latency = 0.95 * latency + step(2.5)
    requests = 0.95 * requests + step(2)
    return {
      ...m,
      cpu_percent: within(m.cpu_percent + cpu, 20, 40),
      request_latency_ms: within(m.request_latency_ms + latency, 60, 100),
      requests_per_second: within(m.requests_per_second + requests, 100, 140),
    }
  }
}

/** Readings of a service that is well, each drawn evenly from the normal ranges, whatever the one before it was. */
export function evenly(seed: number, service: string): () => ServiceMetrics {
  const random = createRandom(seedFor(seed, service))
  const between = (low: number, high: number) => low + (high - low) * random()
  return () => ({
    cpu_percent: between(20, 40),
    memory_percent: between(40, 55),
    request_latency_ms: between(60, 100),
    error_rate_percent: between(0, 2),
    requests_per_second: between(100, 140),
    restarts: 0,
    disk_percent: 33,
  })
}
