import { planFeatures } from '../src/app/features.ts'
import { loadConfig } from '../src/config/load.ts'
import { catalogueOf } from '../src/observe/catalogue/preset.ts'
import { queriesFor } from '../src/observe/prometheus/queries.ts'
import type { ReplayPlan } from './tick/replay-server.ts'

/** With what the queries below are asked; the daemon has to have the same in `source.prometheus.rate_window`. */
const RATE_WINDOW_MS = 60_000

/** The queries that a daemon with its defaults will ask from now on, and made-up hosts that answer them. */
export function replayPlan(size: Pick<ReplayPlan, 'hosts' | 'intervalMs' | 'ticks'>): ReplayPlan {
  const prometheus = "source: {type: prometheus, prometheus: {url: 'http://127.0.0.1:1', rate_window: 1m}}"
  const loaded = loadConfig({ flags: { config: 'x' }, env: {}, readFile: () => prometheus })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const plan = planFeatures(loaded.config)
  const options = { identity: loaded.config.targets.labels, extraMatchers: [], rateWindowMs: RATE_WINDOW_MS }
  const { heartbeat, queries } = queriesFor(catalogueOf(plan.presets), [], options)
  const features = plan.presets.flatMap((preset) => preset.features)
  return {
    ...size,
    heartbeat,
    queries: queries.map(({ promql }, i) => ({ promql, feature: { name: features[i].name, unit: features[i].unit } })),
    startMs: Math.floor(Date.now() / size.intervalMs) * size.intervalMs,
    variants: 4,
  }
}
