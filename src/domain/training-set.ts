/** The cleaned feature rows of one target, in time order. */
export interface TrainingSet {
  readonly names: readonly string[]
  /** ms since the epoch, ascending, one for each row. */
  readonly times: Float64Array
  /** Row-major, times × names; NaN where a value is missing. */
  readonly rows: Float32Array
}
