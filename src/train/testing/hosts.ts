/** Made-up hosts for the tests of detection and training: small models that are fitted in a few milliseconds. */
import type { FeatureMatrix } from '../../domain/feature-matrix.ts'
import { createRandom, type Random } from '../../domain/random.ts'
import type { Target } from '../../domain/target.ts'
import type { TrainingSet } from '../../domain/training-set.ts'
import type { FitOptions } from '../fit-options.ts'

const MINUTE = 60_000
export const START = Date.UTC(2026, 0, 5)
/** `fixed` never moves, `absent` is never read. */
export const NAMES = ['cpu', 'load', 'memory', 'requests', 'fixed', 'absent'] as const
export const WIDTH = NAMES.length
const STEP_MS = MINUTE

export const QUICK_FIT: FitOptions = {
  plan: { hidden: [6, 3, 6], context: true, scaling: 'deviations' },
  training: { length: { steps: 150 }, batchSize: 32, learningRate: 0.005 },
  validation: 0.2,
  intervalMs: STEP_MS,
  resolution: Float64Array.of(1, 0.01, 1e6, 1, 1, 1),
  threshold: { mode: 'budget' },
  seed: 7,
}

/** The plain autoencoder of preset `classic`. */
export const PLAIN_FIT: FitOptions = {
  ...QUICK_FIT,
  plan: { hidden: [6, 3, 6], context: false, scaling: 'minmax' },
  training: { length: { epochs: 12, patience: 4 }, batchSize: 32, learningRate: 0.01 },
}

export interface HostHistory {
  readonly rows: number
  readonly from?: number
  readonly stepMs?: number
}

/** A busy host: everything but `memory` follows one load that comes and goes over hours, each with noise of its own. */
export function hostHistory(seed: number, { rows, from = START, stepMs = STEP_MS }: HostHistory): TrainingSet {
  const random = createRandom(seed)
  const times = Float64Array.from({ length: rows }, (_, i) => from + i * stepMs)
  const values = new Float32Array(rows * WIDTH)
  for (const [i, at] of times.entries()) values.set(readingAt(at, random), i * WIDTH)
  return { names: NAMES, times, rows: values }
}

function readingAt(at: number, random: Random): number[] {
  const load = 1 + 0.4 * Math.sin((2 * Math.PI * (at - START)) / (200 * MINUTE))
  const noisy = (size: number, spread: number) => size * (load + spread * (random() - 0.5))
  return [noisy(30, 0.2), noisy(2, 0.3), 8e9 + 2e8 * random(), noisy(400, 0.1), 42, Number.NaN]
}

/** The i-th reading as live detection gets it. */
export function rowOf(set: TrainingSet, i: number): Float64Array {
  const width = set.names.length
  return Float64Array.from(set.rows.subarray(i * width, (i + 1) * width))
}

/** A reading with some features changed. */
export function withValues(row: Float64Array, changes: Partial<Record<(typeof NAMES)[number], number>>): Float64Array {
  return row.map((value, f) => changes[NAMES[f]] ?? value)
}

export function host(name: string, job = 'node'): Target {
  return { id: `${name}@${job}`, labels: { instance: name, job } }
}

/** One tick. A slot without a row brought no new reading; one without a target is free. */
export function matrixAt(
  at: number,
  targets: readonly (Target | undefined)[],
  rows: readonly (ArrayLike<number> | undefined)[],
  names: readonly string[] = NAMES,
  sampledAt: readonly number[] = rows.map((row) => (row === undefined ? Number.NaN : at)),
): FeatureMatrix {
  const values = new Float64Array(targets.length * names.length).fill(Number.NaN)
  for (const [slot, row] of rows.entries()) if (row !== undefined) values.set(row, slot * names.length)
  return {
    at,
    names,
    targets,
    values,
    fresh: Uint8Array.from(targets, (_, slot) => (rows[slot] === undefined ? 0 : 1)),
    sampledAt: Float64Array.from(sampledAt),
    cleaning: { forwardFilled: 0, missing: 0, droppedRows: 0 },
  }
}
