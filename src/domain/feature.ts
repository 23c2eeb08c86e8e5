/**
 * A base feature is written once, as data, and used three ways: compiled to PromQL, evaluated over a scraped
 * exposition, evaluated over this machine's /proc. Its expression always ends in one value per target.
 */
export interface BaseFeature {
  readonly name: string
  readonly help: string
  readonly unit: Unit
  readonly expr: Expr
}

/** What a number counts. `percent` is 0–100, `ratio` 0–1, `per_second` events a second. */
export type Unit = 'percent' | 'ratio' | 'bytes' | 'bytes_per_second' | 'per_second' | 'seconds' | 'count' | 'flag'

/** `=`, `!=`, `=~`, `!~` as in PromQL; regular expressions are anchored at both ends. */
export interface Matcher {
  readonly label: string
  readonly op: '=' | '!=' | '=~' | '!~'
  readonly value: string
}

export type Aggregation = 'sum' | 'avg' | 'max' | 'min' | 'count'
export type Arithmetic = '+' | '-' | '*' | '/'

/**
 * An expression over Prometheus series.
 * - `gauge`: the newest sample of each matching series
 * - `rate`: increase per second of each matching counter over the rate window, resets added back
 * - `increase`: the same, over the whole window, or one of its own
 * - `quantile`: a quantile of a classic histogram, whose series `metric` tell buckets apart by the label `le`; per target
 * - `first`: the value of the first of these that has one; per target
 * - `aggregate`: over all series of a target
 * - `binary`: series of equal labels (the metric name apart) meet, as in PromQL one-to-one matching; a number meets all
 */
export type Expr =
  | { readonly kind: 'gauge' | 'rate'; readonly metric: string; readonly matchers: readonly Matcher[] }
  | {
      readonly kind: 'increase'
      readonly metric: string
      readonly matchers: readonly Matcher[]
      readonly windowMs?: number
    }
  | {
      readonly kind: 'quantile'
      /** 0–1 */
      readonly quantile: number
      readonly metric: string
      readonly matchers: readonly Matcher[]
    }
  | { readonly kind: 'first'; readonly of: readonly Expr[] }
  | { readonly kind: 'aggregate'; readonly by: Aggregation; readonly of: Expr }
  | { readonly kind: 'binary'; readonly op: Arithmetic; readonly left: Expr | number; readonly right: Expr | number }

/** The smallest change of a feature that can mean anything, by its unit: a wobble below it is never an anomaly. */
export const RESOLUTION: Readonly<Record<Unit, number>> = {
  percent: 1,
  ratio: 0.01,
  bytes: 1024 * 1024,
  bytes_per_second: 16 * 1024,
  per_second: 5,
  seconds: 0.005,
  count: 1,
  flag: 1,
}
