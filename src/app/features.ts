import type { FeatureInfo } from '../api/fleet.ts'
import type { Config } from '../config/resolve.ts'
import { RESOLUTION, type Unit } from '../domain/feature.ts'
import { classicEngineered } from '../featurize/classic.ts'
import type { Engineered } from '../featurize/engineered.ts'
import { compileExpression } from '../featurize/expression.ts'
import { database } from '../observe/catalogue/database.ts'
import type { Preset } from '../observe/catalogue/preset.ts'
import { presets } from '../observe/catalogue/presets.ts'
import { redPreset } from '../observe/catalogue/red.ts'
import { RECORDED_WINDOW_MS } from '../observe/recorded.ts'

const MINUTE = 60_000

/** What the configuration asks to compute for each target. */
export interface FeaturePlan {
  /** For the source: what it reads. */
  readonly presets: readonly Preset[]
  readonly custom: readonly { readonly name: string; readonly promql: string }[]
  /** For the featurizer: what it reads, and what it adds. */
  readonly base: readonly string[]
  readonly engineered: readonly Engineered[]
  /** All names, in the order of the models' input. */
  readonly names: readonly string[]
  /** What each of `names` counts. */
  readonly units: readonly Unit[]
  /** Smallest change that matters, for each of `names`. */
  readonly resolution: Float64Array
  /** What each of them counts and is, by name. */
  readonly info: ReadonlyMap<string, FeatureInfo>
  /** Whether the features compare consecutive readings, so that history must be read at the live interval. */
  readonly consecutive: boolean
}

/** @throws {ExpressionError} when an expression of the user's is wrong; `check-config` tells where */
export function planFeatures(config: Config): FeaturePlan {
  const { features } = config
  const wanted = (name: string) =>
    (features.include.length === 0 || features.include.includes(name)) && !features.exclude.includes(name)
  const chosen = presetsOf(config).map((preset) => ({
    ...preset,
    features: preset.features.filter((feature) => wanted(feature.name)),
  }))
  const base = chosen.flatMap((preset) => preset.features)
  const custom = features.extra.flatMap(({ name, promql }) => (promql === undefined ? [] : [{ name, promql }]))
  const engineered = features.preset === 'classic' ? classicEngineered(config.interval, rateWindowOf(config) ?? 0) : []
  const baseNames = [...base, ...custom].map((feature) => feature.name)
  const all = withExpressions(
    baseNames,
    engineered.filter((feature) => wanted(feature.name)),
    config,
  )
  const names = [...baseNames, ...all.map((feature) => feature.name)]
  const stated = new Map<string, Unit>([
    ...base.map((feature) => [feature.name, feature.unit] as const),
    ...features.extra.map((feature) => [feature.name, feature.unit] as const),
  ])
  const units = names.map((name) => stated.get(name) ?? unitOf(name))
  const help = new Map(base.map((feature) => [feature.name, feature.help]))
  return {
    presets: chosen,
    custom,
    info: new Map(names.map((name, i) => [name, { unit: units[i], help: help.get(name) ?? '' }])),
    base: baseNames,
    engineered: all,
    names,
    units,
    resolution: Float64Array.from(units, (unit) => RESOLUTION[unit]),
    consecutive: engineered.length > 0,
  }
}

/**
 * The window of rates, in ms; undefined where the source finds it from the scrape interval. Features of `classic` count
 * bytes in this window, so there it must be known beforehand.
 */
export function rateWindowOf({ source, features, interval }: Config): number | undefined {
  const window = source.type === 'push' ? 'auto' : source[source.type].rate_window
  if (window !== 'auto') return window
  if (source.type === 'prometheus' && source.prometheus.recorded) return RECORDED_WINDOW_MS
  return features.preset === 'classic' ? Math.max(MINUTE, 4 * interval) : undefined
}

function presetsOf({ features }: Config): Preset[] {
  const { preset } = features
  const chosen: Preset[] = preset === 'generic' ? [] : [preset === 'red' ? redOf(features.red) : presets[preset]]
  return features.database ? [...chosen, database] : chosen
}

/** Preset `red` with the metrics that the configuration names. */
export function redOf({ requests, ...red }: Config['features']['red']): Preset {
  return redPreset({
    requests,
    cpu: red.cpu,
    cpuLimit: red.cpu_limit,
    cores: red.cores,
    memory: red.memory,
    memoryLimit: red.memory_limit,
    memorySize: red.memory_size ?? undefined,
    restarts: red.restarts,
    restartWindowMs: red.restart_window,
  })
}

/** Appends the user's expressions, each of which may use what stands before it. */
function withExpressions(base: readonly string[], engineered: readonly Engineered[], config: Config): Engineered[] {
  const all = [...engineered]
  for (const { name, expression } of config.features.extra) {
    if (expression === undefined) continue
    const before = [...base, ...all.map((feature) => feature.name)]
    all.push({ name, kind: 'expression', evaluate: compileExpression(expression, before) })
  }
  return all
}

/** Units of the engineered features of `classic`. */
function unitOf(name: string): Unit {
  if (name.endsWith('_speed')) return 'bytes_per_second'
  if (name.startsWith('cpu_') || name.startsWith('memory_')) return 'percent'
  if (name === 'disk_cpu_ratio') return 'bytes'
  return 'flag'
}
