export interface PlanOptions {
  readonly intervalMs: number
  /** How far back training reads. */
  readonly historyMs: number
  /** Most rows behind one model. */
  readonly maxRows: number
  /** Most values read in one training, over all its targets; bounds time and memory. */
  readonly maxValues: number
  /** True when the features compare consecutive readings, so that only readings at the live interval will do. */
  readonly consecutive: boolean
}

/** Coarsest step between training rows: beyond it the recent past would no longer be recent. */
const COARSEST_STEP_MS = 5 * 60_000
const FEWEST_ROWS = 64

/**
 * Which stretch of history to read, and how densely, so that `targets` × rows × `features` stays within bounds.
 * The step widens first, up to five minutes, then the stretch shortens.
 */
export function planHistory(
  now: number,
  targets: number,
  features: number,
  options: PlanOptions,
): { fromMs: number; toMs: number; stepMs: number } {
  const affordable = Math.floor(options.maxValues / Math.max(1, targets * features))
  const rows = Math.min(options.maxRows, Math.max(FEWEST_ROWS, affordable))
  const { intervalMs } = options
  const widest = options.consecutive ? intervalMs : Math.max(1, Math.floor(COARSEST_STEP_MS / intervalMs)) * intervalMs
  const wished = Math.ceil(options.historyMs / rows / intervalMs) * intervalMs
  const stepMs = Math.min(Math.max(intervalMs, wished), widest)
  const toMs = Math.floor(now / stepMs) * stepMs
  return { fromMs: toMs - Math.min(options.historyMs, (rows - 1) * stepMs), toMs, stepMs }
}
