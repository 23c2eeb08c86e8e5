/** The causes that have a name. */
export const CAUSES = [
  'cpu_saturation',
  'memory_leak',
  'memory_pressure',
  'disk_filling',
  'disk_saturation',
  'network_errors',
  'crash_loop',
  'overload',
  'high_error_rate',
  'latency',
  'traffic_drop',
  'dependency_failing',
  'host_gone',
  'noisy_neighbour',
  'unknown',
] as const
export type Cause = (typeof CAUSES)[number]

/** A named cause of what a target shows, with what speaks for it. */
export interface Diagnosis {
  readonly cause: Cause
  /** 0–1; 0 for `unknown`. */
  readonly confidence: number
  /** Strongest first, for people: `cpu_busy_ratio 0.98, expected 0.21`. */
  readonly evidence: readonly string[]
  /** Where the cause is believed to sit: the target itself unless a dependency explains it. */
  readonly rootTarget: string
  /** How many of the target's group show an anomaly now, itself included; undefined for a target without a group. */
  readonly peers?: { readonly group: string; readonly anomalous: number; readonly size: number }
}
