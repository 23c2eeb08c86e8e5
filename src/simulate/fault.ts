/** What can go wrong in the simulated world. */
export const FAULTS = [
  'cpu_spike',
  'memory_leak',
  'crash_loop',
  'high_error_rate',
  'slow_dependency',
  'disk_filling',
  'noisy_neighbour',
  'traffic_drop',
  'latency_creep',
] as const
export type FaultKind = (typeof FAULTS)[number]

/** One fault at one service. */
export interface Fault {
  readonly kind: FaultKind
  readonly service: string
  /** Ticks that it lasts when nothing heals it, ≥ 1. */
  readonly ticks: number
  /** How hard it hits, 0.9–1.2; outside of that its signs may stay below what rules ask for, or reach its callers. */
  readonly strength: number
}

/** What a fault does to its service at one tick: amounts added in the metric's own unit, or factors. */
export interface Impact {
  readonly cpu?: number
  readonly memory?: number
  readonly disk?: number
  readonly latencyFactor?: number
  readonly latencyMs?: number
  readonly errors?: number
  readonly trafficFactor?: number
  /** Restarts within this tick. */
  readonly restarts?: number
  /** The other services of the machine feel this share of cpu and latency, 0–1. */
  readonly neighbours?: number
}

/** What can be done to a service. */
export const WORLD_ACTIONS = ['restart', 'scale_up', 'scale_down', 'throttle'] as const
export type WorldAction = (typeof WORLD_ACTIONS)[number]

/** The action that really heals a fault; one without goes on until it is over by itself. */
export const CURES: Readonly<Partial<Record<FaultKind, WorldAction>>> = {
  cpu_spike: 'scale_up',
  memory_leak: 'restart',
  crash_loop: 'restart',
  high_error_rate: 'throttle',
  noisy_neighbour: 'throttle',
  latency_creep: 'restart',
}

/** @param age ticks since the fault began, ≥ 0 */
export function impactOf({ kind, strength }: Fault, age: number): Impact {
  switch (kind) {
    case 'cpu_spike':
      return { cpu: 70 * strength, latencyFactor: 4 + 1.5 * strength, errors: 1.5 * strength }
    case 'memory_leak': {
      const leaked = Math.min(7 * strength * (age + 1), 50)
      const pressure = Math.max(0, leaked - 35) / 15
      return { memory: leaked, latencyFactor: 1 + pressure, errors: 4 * pressure }
    }
    case 'crash_loop': {
      // It dies within its first tick: until then most requests have been served.
      if (age === 0) return { restarts: 2, errors: 6 * strength, trafficFactor: 0.8, latencyFactor: 1.2 }
      return { restarts: 2, errors: 32 * strength, trafficFactor: 0.45, latencyFactor: 1.5, cpu: 8 * strength }
    }
    case 'high_error_rate':
      return { errors: 22 * strength, trafficFactor: 1.25, cpu: 6 * strength }
    case 'slow_dependency':
      return { latencyMs: 470 * strength, errors: strength }
    case 'disk_filling': {
      // Writes wait for space long before there is none.
      const filled = Math.min(9 * strength * (age + 1), 64)
      const full = Math.max(0, filled - 30) / 34
      return { disk: filled, latencyFactor: 1 + 1.5 * full, errors: 7 * full }
    }
    case 'noisy_neighbour':
      return { cpu: 32 * strength, trafficFactor: 1.6, latencyFactor: 1.7, neighbours: 0.35 }
    case 'traffic_drop':
      return { trafficFactor: Math.min(0.16 / strength, 0.18) }
    case 'latency_creep':
      return { latencyMs: Math.min(36 * strength * (age + 1), 560) }
  }
}
