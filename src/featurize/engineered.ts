/**
 * An engineered feature, as data. `of`, `over` and `plus` name base features or engineered features that stand before.
 * - `change`: this reading minus the previous one
 * - `speed`: bytes over the rate window, per second of it
 * - `rolling_mean`, `rolling_std`: over the readings of the last `overMs` (population standard deviation)
 * - `ratio`: numerator ÷ (denominator + plus)
 * - `flag`: 1 above the bound, else 0
 * - `hour` 0–23 and `day_of_week` 0–6 from Monday, both UTC
 * - `expression`: any function of the row so far
 */
export type Engineered =
  | { readonly name: string; readonly kind: 'change'; readonly of: string }
  | { readonly name: string; readonly kind: 'speed'; readonly of: string; readonly windowMs: number }
  | {
      readonly name: string
      readonly kind: 'rolling_mean' | 'rolling_std'
      readonly of: string
      readonly overMs: number
    }
  | {
      readonly name: string
      readonly kind: 'ratio'
      readonly numerator: string
      readonly denominator: string
      readonly plus: number
    }
  | { readonly name: string; readonly kind: 'flag'; readonly of: string; readonly above: number }
  | { readonly name: string; readonly kind: 'hour' | 'day_of_week' }
  | { readonly name: string; readonly kind: 'expression'; readonly evaluate: (row: RowView) => number }

/** Read access to the row under construction. */
export interface RowView {
  readonly names: readonly string[]
  get(name: string): number
}
