import type { Matcher } from '../../domain/feature.ts'
import type { Catalogue } from '../catalogue/preset.ts'
import { selector } from '../promql.ts'
import type { Log } from '../source.ts'
import type { PrometheusClient } from './client.ts'
import { type CustomFeature, type QueryPlan, queriesFor } from './queries.ts'
import { FALLBACK_WINDOW_MS, findRateWindow } from './rate-window.ts'

export interface PlannerOptions {
  readonly catalogue: Catalogue
  readonly custom: readonly CustomFeature[]
  readonly identity: readonly string[]
  readonly extraMatchers: readonly Matcher[]
  /** Undefined: four times the scrape interval, found at the first observation. */
  readonly rateWindowMs: number | undefined
  /** Whether the features are read from what recording rules have written; their window is then that of the rules. */
  readonly recorded: boolean
  readonly timeoutMs: number
}

/** The queries to send now. Asks the server about its scrape interval until that is known. */
export type Planner = (atMs: number, signal: AbortSignal) => Promise<QueryPlan>

export function createPlanner(client: PrometheusClient, options: PlannerOptions, log: Log): Planner {
  const planFor = (rateWindowMs: number) => queriesFor(options.catalogue, options.custom, { ...options, rateWindowMs })
  // Compiled even when the window is not known yet, so that a wrong name is told at the start.
  const fallback = planFor(options.rateWindowMs ?? FALLBACK_WINDOW_MS)
  let settled = options.rateWindowMs === undefined && !options.recorded ? undefined : fallback
  let hinted = false

  return async (atMs, signal) => {
    if (settled) return settled
    const written = { ...options, rateWindowMs: FALLBACK_WINDOW_MS }
    const heartbeats = options.catalogue.heartbeats.map((metric) => selector(metric, [], written))
    const found = await findRateWindow(client, heartbeats, atMs, options.timeoutMs, signal, log)
    if (found !== undefined) {
      settled = planFor(found)
      return settled
    }
    if (!hinted)
      log.warn({ rateWindowMs: FALLBACK_WINDOW_MS }, 'scrape interval unknown: set rate_window to four times it')
    hinted = true
    return fallback
  }
}
