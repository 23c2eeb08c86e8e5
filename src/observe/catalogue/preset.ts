import type { BaseFeature } from '../../domain/feature.ts'

/** A named set of base features. A new one is one more data file. */
export interface Preset {
  readonly features: readonly BaseFeature[]
  /** What every target of this preset exposes at each scrape, one of these; the time of its newest sample tells freshness. */
  readonly heartbeat: string | readonly string[]
}

/** What a source is asked to watch: the features and heartbeats of one or several presets. */
export interface Catalogue {
  readonly features: readonly BaseFeature[]
  readonly heartbeats: readonly string[]
}

/**
 * Joins presets, features in the order given.
 *
 * @throws {RangeError} when there is no preset, or two features have the same name
 */
export function catalogueOf(presets: readonly Preset[]): Catalogue {
  if (presets.length === 0) throw new RangeError('at least one preset is needed, for its heartbeat')
  const features = presets.flatMap((preset) => preset.features)
  assertDistinct(features.map((feature) => feature.name))
  return { features, heartbeats: [...new Set(presets.flatMap((preset) => preset.heartbeat))] }
}

/** @throws {RangeError} when a feature name occurs twice */
export function assertDistinct(names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) throw new RangeError(`feature ${name} is defined twice`)
    seen.add(name)
  }
}
