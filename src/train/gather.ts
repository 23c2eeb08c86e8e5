import type { CleaningReport, FeatureMatrix } from '../domain/feature-matrix.ts'
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
  /** The features that are wanted; the others may be missing. All, where nothing is said. */
  readonly features?: readonly string[]
}

export interface Gathered {
  readonly sets: ReadonlyMap<string, GatheredTarget>
}

/** The rows of one target. */
export interface GatheredTarget {
  readonly target: Target
  readonly set: TrainingSet
  /** What cleaning did to the rows of this target as they were read, masked ones included. */
  readonly cleaning: CleaningReport
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
  const tallies = new Map<string, Tally>()
  const width = featurizer.names.length
  for await (const snapshot of history.read(range, signal)) {
    const matrix = featurizer.featurize(snapshot)
    for (const [slot, target] of matrix.targets.entries()) {
      if (target === undefined || !wanted(target.id)) continue
      const tally = tallies.get(target.id) ?? { forwardFilled: 0, missing: 0, droppedRows: 0 }
      tallies.set(target.id, tally)
      if (matrix.fresh[slot] === 0) {
        tally.droppedRows++
        continue
      }
      countCells(snapshot, matrix, slot, tally)
      const collector = collectors.get(target.id) ?? new RowCollector(target, width)
      collectors.set(target.id, collector)
      collector.push(matrix.at, matrix.values, slot * width)
    }
  }
  const sets = new Map<string, GatheredTarget>()
  for (const [id, collector] of collectors) {
    const kept = withoutMasked(collector.target, collector.finish(featurizer.names), masked)
    sets.set(id, { ...kept, cleaning: tallies.get(id)! })
  }
  return { sets }
}

type Tally = { -readonly [K in keyof CleaningReport]: CleaningReport[K] }

/** A value that was missing and is there was carried forward; the featurizer's names begin with those of the snapshot. */
function countCells(snapshot: Snapshot, { values, names }: FeatureMatrix, slot: number, tally: Tally): void {
  const base = snapshot.features.length
  for (let f = 0; f < base; f++) {
    if (Number.isFinite(snapshot.values[slot * base + f])) continue
    if (Number.isNaN(values[slot * names.length + f])) tally.missing++
    else tally.forwardFilled++
  }
}

function withoutMasked(target: Target, set: TrainingSet, masked: Mask): Omit<GatheredTarget, 'cleaning'> {
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
