import type { CleaningReport, FeatureMatrix } from '../domain/feature-matrix.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import type { Target } from '../domain/target.ts'
import type { Engineered, RowView } from './engineered.ts'
import { createRollingWindow, type RollingWindow } from './rolling.ts'

export interface FeaturizerOptions {
  readonly base: readonly string[]
  readonly engineered: readonly Engineered[]
  /** Time between readings in ms; sizes the rolling windows. */
  readonly intervalMs: number
  /** How long a missing value is carried forward, and how far back `change` may look, in ms. */
  readonly forwardFillMs: number
}

/** Turns snapshots, in time order, into feature matrices. Training and live run the same one. */
export interface Featurizer {
  readonly names: readonly string[]
  featurize(snapshot: Snapshot): FeatureMatrix
}

const MS_PER_HOUR = 3_600_000
const MS_PER_DAY = 86_400_000
/** 1970-01-01 was a Thursday: day 3 counted from Monday. */
const EPOCH_WEEKDAY = 3

/** Builds a featurizer that remembers, for every slot, the previous row and what the rolling features need. */
export function createFeaturizer(options: FeaturizerOptions): Featurizer {
  const { base, forwardFillMs } = options
  const names = [...base, ...options.engineered.map((feature) => feature.name)]
  const width = names.length
  const steps = options.engineered.map((feature) => compile(feature, names, options))
  const rollingWindows = steps.flatMap((step) => (step.window ? [step.window] : []))

  let known: (Target | undefined)[] = []
  let previous = new Float64Array(0)
  let valueAt = new Float64Array(0)
  let lastSample = new Float64Array(0)

  function grow(slots: number): void {
    if (slots <= known.length) return
    const grown = (old: Float64Array, length: number) => {
      const next = new Float64Array(length).fill(Number.NaN)
      next.set(old)
      return next
    }
    previous = grown(previous, slots * width)
    valueAt = grown(valueAt, slots * base.length)
    lastSample = grown(lastSample, slots)
    for (const window of rollingWindows) window.grow(slots)
    known = [...known, ...new Array<undefined>(slots - known.length)]
  }

  function forget(slot: number, target: Target | undefined): void {
    known[slot] = target
    previous.fill(Number.NaN, slot * width, (slot + 1) * width)
    valueAt.fill(Number.NaN, slot * base.length, (slot + 1) * base.length)
    lastSample[slot] = Number.NaN
    for (const window of rollingWindows) window.clear(slot)
  }

  /** Copies the base values of a slot, missing ones carried forward; counts both kinds into `report`. */
  function clean(snapshot: Snapshot, slot: number, row: number, values: Float64Array, report: MutableReport): void {
    const from = slot * snapshot.features.length
    for (let f = 0; f < base.length; f++) {
      const value = snapshot.values[from + f]
      const seen = slot * base.length + f
      if (Number.isFinite(value)) {
        values[row + f] = value
        valueAt[seen] = snapshot.at
      } else if (snapshot.at - valueAt[seen] <= forwardFillMs) {
        values[row + f] = previous[row + f]
        report.forwardFilled++
      } else {
        values[row + f] = Number.NaN
        report.missing++
      }
    }
  }

  return {
    names,
    featurize(snapshot) {
      const slots = snapshot.targets.length
      grow(slots)
      const values = new Float64Array(slots * width).fill(Number.NaN)
      const fresh = new Uint8Array(slots)
      const report: MutableReport = { forwardFilled: 0, missing: 0, droppedRows: 0 }
      for (let slot = 0; slot < slots; slot++) {
        const target = snapshot.targets[slot]
        if (target?.id !== known[slot]?.id) forget(slot, target)
        if (target === undefined) continue
        if (!isNewer(snapshot.sampledAt[slot], lastSample[slot])) {
          report.droppedRows++
          continue
        }
        fresh[slot] = 1
        const gapMs = snapshot.sampledAt[slot] - lastSample[slot]
        lastSample[slot] = snapshot.sampledAt[slot]
        const row = slot * width
        clean(snapshot, slot, row, values, report)
        const context = { slot, row, at: snapshot.at, values, previous, withinReach: gapMs <= forwardFillMs }
        for (let s = 0; s < steps.length; s++) values[row + base.length + s] = steps[s].compute(context)
        previous.set(values.subarray(row, row + width), row)
      }
      return {
        at: snapshot.at,
        names,
        targets: snapshot.targets,
        values,
        fresh,
        sampledAt: snapshot.sampledAt,
        cleaning: report,
      }
    },
  }
}

type MutableReport = { -readonly [K in keyof CleaningReport]: CleaningReport[K] }

/** A reading counts once: a sample that was seen before, or a target without any, brings none. */
function isNewer(sampledAt: number, lastSample: number): boolean {
  return !Number.isNaN(sampledAt) && !(sampledAt <= lastSample)
}

interface StepContext {
  readonly slot: number
  /** Offset of the slot's row in `values` and `previous`. */
  readonly row: number
  readonly at: number
  readonly values: Float64Array
  readonly previous: Float64Array
  /** Whether the previous reading is recent enough to be compared with. */
  readonly withinReach: boolean
}

interface Step {
  readonly window?: RollingWindow
  compute(context: StepContext): number
}

function compile(feature: Engineered, names: readonly string[], options: FeaturizerOptions): Step {
  const column = (name: string) => {
    const index = names.indexOf(name)
    if (index < 0 || index >= names.indexOf(feature.name)) {
      throw new RangeError(`feature ${feature.name} needs ${name}, which does not stand before it`)
    }
    return index
  }
  switch (feature.kind) {
    case 'change': {
      const of = column(feature.of)
      return {
        compute: ({ row, values, previous, withinReach }) =>
          withinReach ? values[row + of] - previous[row + of] : Number.isNaN(values[row + of]) ? Number.NaN : 0,
      }
    }
    case 'speed': {
      const of = column(feature.of)
      return { compute: ({ row, values }) => values[row + of] / (feature.windowMs / 1000) }
    }
    case 'rolling_mean':
    case 'rolling_std':
      return rollingStep(feature, column(feature.of), options.intervalMs)
    case 'ratio': {
      const numerator = column(feature.numerator)
      const denominator = column(feature.denominator)
      return {
        compute: ({ row, values }) => finite(values[row + numerator] / (values[row + denominator] + feature.plus)),
      }
    }
    case 'flag': {
      const of = column(feature.of)
      return {
        compute: ({ row, values }) => {
          const value = values[row + of]
          return Number.isNaN(value) ? Number.NaN : Number(value > feature.above)
        },
      }
    }
    case 'hour':
      return { compute: ({ at }) => Math.floor((at % MS_PER_DAY) / MS_PER_HOUR) }
    case 'day_of_week':
      return { compute: ({ at }) => (Math.floor(at / MS_PER_DAY) + EPOCH_WEEKDAY) % 7 }
    case 'expression':
      return expressionStep(feature.evaluate, names)
  }
}

function rollingStep(
  feature: Extract<Engineered, { kind: 'rolling_mean' | 'rolling_std' }>,
  of: number,
  intervalMs: number,
): Step {
  const window = createRollingWindow(feature.overMs, Math.max(1, Math.ceil(feature.overMs / intervalMs)))
  const statistic = feature.kind === 'rolling_mean' ? window.mean : window.standardDeviation
  return {
    window,
    compute: ({ slot, row, at, values }) => {
      window.push(slot, at, values[row + of])
      return statistic(slot)
    },
  }
}

function expressionStep(evaluate: (row: RowView) => number, names: readonly string[]): Step {
  const columns = new Map(names.map((name, index) => [name, index]))
  return {
    compute: ({ row, values }) =>
      finite(evaluate({ names, get: (name) => values[row + (columns.get(name) ?? Number.NaN)] ?? Number.NaN })),
  }
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN
}
