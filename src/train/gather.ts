import type { Snapshot } from '../domain/snapshot.ts'
import type { Target } from '../domain/target.ts'
import type { TrainingSet } from '../domain/training-set.ts'
import type { Featurizer } from '../featurize/featurizer.ts'

/** Where training reads the past from. */
export interface HistoryReader {
  read(range: HistoryRange, signal: AbortSignal): AsyncIterable<Snapshot>
}

export interface HistoryRange {
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
  /**
   * The targets that are wanted, by the values of one identity label. A source that can ask for less does; it may give
   * more.
   */
  readonly only?: { readonly label: string; readonly values: readonly string[] }
}

/** What cleaning did to the rows of a training, counted over all its targets. */
export interface GatherReport {
  /** Rows to train on. */
  rows: number
  /** Rows left out because their time is masked. */
  maskedRows: number
  forwardFilled: number
  missing: number
  droppedRows: number
}

export interface Gathered {
  readonly sets: ReadonlyMap<string, GatheredTarget>
  readonly report: GatherReport
}

interface GatheredTarget {
  readonly target: Target
  readonly set: TrainingSet
  /** Rows left out because their time is masked. */
  readonly maskedRows: number
  /** Whether the mask covered more than half of the rows and was ignored: what lasts that long is the new normal. */
  readonly maskIgnored: boolean
}

/** Whether a row of a target at a time (ms since the epoch) must not be trained on. */
export type Mask = (target: string, at: number) => boolean

/**
 * Reads a stretch of history through the same featurizer that runs live and sorts the rows by target.
 *
 * @param featurizer a fresh one: it remembers what it has seen
 * @param wanted targets to keep
 * @param masked what to leave out, after features have been computed of it
 */
export async function gather(
  history: HistoryReader,
  range: HistoryRange,
  featurizer: Featurizer,
  wanted: (id: string) => boolean,
  signal: AbortSignal,
  masked: Mask = () => false,
): Promise<Gathered> {
  const collectors = new Map<string, RowCollector>()
  const report: GatherReport = { rows: 0, maskedRows: 0, forwardFilled: 0, missing: 0, droppedRows: 0 }
  const width = featurizer.names.length
  for await (const snapshot of history.read(range, signal)) {
    const matrix = featurizer.featurize(snapshot)
    report.forwardFilled += matrix.cleaning.forwardFilled
    report.missing += matrix.cleaning.missing
    report.droppedRows += matrix.cleaning.droppedRows
    for (const [slot, target] of matrix.targets.entries()) {
      if (target === undefined || matrix.fresh[slot] === 0 || !wanted(target.id)) continue
      const collector = collectors.get(target.id) ?? new RowCollector(target, width)
      collectors.set(target.id, collector)
      collector.push(matrix.at, matrix.values, slot * width)
    }
  }
  const sets = new Map<string, GatheredTarget>()
  for (const [id, collector] of collectors) {
    const gathered = withoutMasked(collector.target, collector.finish(featurizer.names), masked)
    sets.set(id, gathered)
    report.rows += gathered.set.times.length
    report.maskedRows += gathered.maskedRows
  }
  return { sets, report }
}

function withoutMasked(target: Target, set: TrainingSet, masked: Mask): GatheredTarget {
  const { times, rows, names } = set
  const kept = [...times.keys()].filter((row) => !masked(target.id, times[row]))
  const maskedRows = times.length - kept.length
  if (maskedRows === 0) return { target, set, maskedRows, maskIgnored: false }
  if (maskedRows > times.length / 2) return { target, set, maskedRows: 0, maskIgnored: true }
  const left = new RowCollector(target, names.length)
  for (const row of kept) left.push(times[row], rows, row * names.length)
  return { target, set: left.finish(names), maskedRows, maskIgnored: false }
}

/** Room for rows at first; it doubles. Small, because there may be 10,000 targets with a few dozen rows each. */
const FIRST_ROWS = 32

/** Rows of one target in arrays that double when they are full. */
export class RowCollector {
  readonly target: Target
  private readonly width: number
  private times = new Float64Array(FIRST_ROWS)
  private rows: Float32Array<ArrayBuffer>
  private count = 0

  constructor(target: Target, width: number) {
    this.target = target
    this.width = width
    this.rows = new Float32Array(FIRST_ROWS * width)
  }

  push(at: number, values: Float64Array | Float32Array, offset: number): void {
    if (this.count === this.times.length) {
      const times = new Float64Array(2 * this.count)
      times.set(this.times)
      this.times = times
      const rows = new Float32Array(2 * this.rows.length)
      rows.set(this.rows)
      this.rows = rows
    }
    this.times[this.count] = at
    this.rows.set(values.subarray(offset, offset + this.width), this.count * this.width)
    this.count++
  }

  finish(names: readonly string[]): TrainingSet {
    return { names, times: this.times.slice(0, this.count), rows: this.rows.slice(0, this.count * this.width) }
  }
}
