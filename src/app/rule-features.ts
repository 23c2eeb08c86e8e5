import type { Config } from '../config/resolve.ts'
import { classicEngineered } from '../featurize/classic.ts'
import { database } from '../observe/catalogue/database.ts'
import { presets } from '../observe/catalogue/presets.ts'
import { planFeatures } from './features.ts'

/** What preset `red`, or a pushed reading, may tell of a service. */
export const SERVICE_FEATURES: readonly string[] = [
  'cpu_percent',
  'memory_percent',
  'request_latency_ms',
  'request_latency_p95_ms',
  'error_rate_percent',
  'requests_per_second',
  'restarts',
]

/** The features that rules may name: those that are computed, those of services. */
export function ruleFeatures(config: Config): readonly string[] {
  const { extra } = config.features
  // Without a look at the user's expressions: what is wrong with them is said elsewhere.
  const { names } = planFeatures({ ...config, features: { ...config.features, extra: [] } })
  return unique([...names, ...extra.map(({ name }) => name), ...SERVICE_FEATURES])
}

/** Those, and all that any preset computes: patterns of causes are written for all of them. */
export function patternFeatures(config?: Config): readonly string[] {
  const shipped = [...Object.values(presets), database].flatMap((preset) => preset.features.map(({ name }) => name))
  // The interval and window of the engineered ones do not matter for their names.
  const engineered = classicEngineered(15_000, 60_000).map(({ name }) => name)
  return unique([...shipped, ...engineered, ...(config === undefined ? SERVICE_FEATURES : ruleFeatures(config))])
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)]
}
