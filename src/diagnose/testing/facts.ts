import type { Facts } from '../../domain/facts.ts'

/** An anomalous target, for tests. */
export function factsOf(changes: Partial<Facts> = {}): Facts {
  return {
    at: Date.parse('2026-11-21T12:00:00Z'),
    target: 'web@node',
    labels: { instance: 'web', job: 'node' },
    group: 'node',
    features: new Map(),
    anomalous: true,
    level: 2,
    severity: 0.75,
    score: 0.1,
    detectors: {
      zscore: 0.9,
      isolation_forest: 0.8,
      autoencoder: 0.7,
      forecast: Number.NaN,
      baseline: Number.NaN,
    },
    contributions: [],
    alerts: [],
    ...changes,
  }
}
