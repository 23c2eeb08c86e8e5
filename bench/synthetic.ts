import type { Unit } from '../src/domain/feature.ts'
import type { TrainingSet } from '../src/domain/training-set.ts'

/** A feature to be made up: its unit decides what its values look like. */
export interface MadeUpFeature {
  readonly name: string
  readonly unit: Unit
}

/** Features that are zero on a healthy host, nearly always. */
const MOSTLY_ZERO = /steal|nice|swap|oom|major_faults|errors|drops|overflows|readonly|stalled|resets/
/** Features that part of the hosts does not expose. */
const NOT_EVERYWHERE = /conntrack|^processes$/

const LEVELS: Partial<Record<Unit, number>> = {
  percent: 23,
  ratio: 0.41,
  bytes: 3e9,
  bytes_per_second: 4e6,
  per_second: 900,
  seconds: 0.004,
  count: 180,
}
const WHOLE: ReadonlySet<Unit> = new Set<Unit>(['count', 'bytes', 'flag'])

/**
 * What a host reads at a tick: a level that all hosts share, noise and a faint wave, so that one model suits them all.
 * NaN where the host does not expose the feature. The same numbers for the same place, always.
 */
export function madeUpValue({ name, unit }: MadeUpFeature, host: number, feature: number, tick: number): number {
  const noise = uniform(host, feature, tick)
  if (NOT_EVERYWHERE.test(name) && uniform(host, feature, -1) < 0.3) return Number.NaN
  if (MOSTLY_ZERO.test(name)) return noise < 0.9995 ? 0 : Math.round(10 * uniform(tick, host, feature))
  const wave = Math.sin(tick / 40 + 6.28 * uniform(host, feature, -2))
  const value = (LEVELS[unit] ?? 1) * (1 + 0.02 * wave + 0.2 * (noise - 0.5))
  return WHOLE.has(unit) ? Math.round(value) : value
}

/** Rows of one made-up host. */
export function madeUpHistory(
  features: readonly MadeUpFeature[],
  rows: number,
  { host, fromMs, stepMs }: { host: number; fromMs: number; stepMs: number },
): TrainingSet {
  const width = features.length
  const values = new Float32Array(rows * width)
  for (let row = 0; row < rows; row++) {
    for (let f = 0; f < width; f++) values[row * width + f] = madeUpValue(features[f], host, f, row)
  }
  return {
    names: features.map(({ name }) => name),
    times: Float64Array.from({ length: rows }, (_, row) => fromMs + row * stepMs),
    rows: values,
  }
}

/** Uniform in [0, 1), from three numbers. */
function uniform(a: number, b: number, c: number): number {
  let x = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 7, 0x85ebca77) ^ Math.imul(c + 13, 0xc2b2ae3d)
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
  return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32
}
