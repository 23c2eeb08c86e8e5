import type { BaseFeature, Matcher } from '../../domain/feature.ts'
import type { Catalogue } from '../catalogue/preset.ts'
import { compile, compileHeartbeat, selector } from '../promql.ts'
import { RECORDED_HEARTBEAT, recordedSeries } from '../recorded.ts'

/**
 * A feature written by the user: PromQL with one series per target, that is `by` the identity labels. A target that
 * only such features know has no heartbeat, so its row has no sample time.
 */
export interface CustomFeature {
  readonly name: string
  readonly promql: string
}

/** A feature, by its column in the snapshot, and how to ask for it. */
export interface FeatureQuery {
  readonly index: number
  readonly name: string
  readonly promql: string
}

export interface QueryPlan {
  readonly heartbeat: string
  readonly queries: readonly FeatureQuery[]
  /** The same features of fewer targets; queries that the user wrote stay as they are. */
  narrowed(matcher: Matcher): readonly FeatureQuery[]
}

export interface QueryOptions {
  readonly identity: readonly string[]
  readonly extraMatchers: readonly Matcher[]
  readonly rateWindowMs: number
  /** Whether recording rules have computed the catalogue's features: then their series are asked for. */
  readonly recorded?: boolean
}

/** @throws {RangeError} when a name in the catalogue or the matchers is not valid in PromQL */
export function queriesFor(catalogue: Catalogue, custom: readonly CustomFeature[], options: QueryOptions): QueryPlan {
  const { recorded = false } = options
  const compiled = catalogue.features.map(({ name, expr }: BaseFeature) => ({
    name,
    promql: recorded ? selector(recordedSeries(name), [], options) : compile(expr, options),
  }))
  return {
    heartbeat: recorded ? selector(RECORDED_HEARTBEAT, [], options) : compileHeartbeat(catalogue.heartbeats, options),
    queries: [...compiled, ...custom].map(({ name, promql }, index) => ({ index, name, promql })),
    narrowed: (matcher) =>
      queriesFor(catalogue, custom, { ...options, extraMatchers: [...options.extraMatchers, matcher] }).queries,
  }
}
