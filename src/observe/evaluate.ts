import type { Aggregation, Arithmetic } from '../domain/feature.ts'
import { bucketQuantile } from './histogram.ts'
import type { Leaf, Node, Plan } from './plan.ts'
import { increase } from './rate.ts'
import type { Series, SeriesStore } from './series-store.ts'

/** Series of one target with their values: one entry per series, no order. */
interface Vector {
  readonly signatures: string[]
  readonly values: number[]
}

/**
 * The features of one target, from the samples of its newest scrape and the rate window before it, with PromQL's
 * meaning. A feature without samples, or without a finite value, is NaN.
 *
 * @param write receives the index of each feature in the plan, and its value
 * @param lookBack how far back samples count, if not over a window; `increase` is scaled to the window all the same
 */
export function evaluate(
  plan: Plan,
  store: SeriesStore,
  windowMs: number,
  write: (feature: number, value: number) => void,
  lookBack: (windowMs: number) => number = (ms) => ms,
): void {
  const leaves: (Vector | undefined)[] = new Array(plan.leafCount)
  const read = (leaf: Leaf) => {
    leaves[leaf.index] ??= leafVector(leaf, store, leaf.windowMs ?? windowMs, lookBack)
    return leaves[leaf.index]!
  }
  plan.roots.forEach((root, feature) => {
    const value = reduce(root, read)
    write(feature, typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN)
  })
}

type Read = (leaf: Leaf) => Vector

/** A number is a value per target (NaN: none), a vector one per series. */
function reduce(node: Node | number, read: Read): Vector | number {
  if (typeof node === 'number') return node
  switch (node.kind) {
    case 'leaf':
      return read(node.leaf)
    case 'quantile':
      return bucketQuantile(node.quantile, read(node.leaf))
    case 'first': {
      for (const one of node.of) {
        const value = reduce(one, read)
        if (typeof value === 'number' && !Number.isNaN(value)) return value
      }
      return Number.NaN
    }
    case 'aggregate': {
      const of = reduce(node.of, read)
      return aggregate(node.by, typeof of === 'number' ? (Number.isNaN(of) ? [] : [of]) : of.values)
    }
    case 'binary':
      return combine(node.op, reduce(node.left, read), reduce(node.right, read))
  }
}

function leafVector(leaf: Leaf, store: SeriesStore, windowMs: number, lookBack: (windowMs: number) => number): Vector {
  const vector: Vector = { signatures: [], values: [] }
  for (const series of store.byLeaf[leaf.index]) {
    const value =
      leaf.kind === 'gauge'
        ? newest(series, store)
        : rise(leaf.kind, series, store.scrapedAt, windowMs, lookBack(windowMs))
    if (value === undefined) continue
    vector.signatures.push(series.signature)
    vector.values.push(value)
  }
  return vector
}

function newest(series: Series, store: SeriesStore): number | undefined {
  return series.scrape === store.scrape ? series.values.at(-1) : undefined
}

function rise(
  kind: 'rate' | 'increase',
  series: Series,
  at: number,
  windowMs: number,
  lookBackMs: number,
): number | undefined {
  const perMs = increase(series.times, series.values, at, lookBackMs) / lookBackMs
  if (Number.isNaN(perMs)) return undefined
  return perMs * (kind === 'rate' ? 1000 : windowMs)
}

function combine(op: Arithmetic, left: Vector | number, right: Vector | number): Vector | number {
  if (typeof left === 'number' && typeof right === 'number') return apply(op, left, right)
  const result: Vector = { signatures: [], values: [] }
  const keep = (signature: string, a: number, b: number) => {
    if (op === '/' && b === 0) return
    result.signatures.push(signature)
    result.values.push(apply(op, a, b))
  }
  if (typeof left === 'number') eachOf(right as Vector, (signature, b) => keep(signature, left, b))
  else if (typeof right === 'number') eachOf(left, (signature, a) => keep(signature, a, right))
  else {
    const byRight = new Map(right.signatures.map((signature, i) => [signature, right.values[i]]))
    eachOf(left, (signature, a) => {
      const b = byRight.get(signature)
      if (b !== undefined) keep(signature, a, b)
    })
  }
  return result
}

function eachOf(vector: Vector, visit: (signature: string, value: number) => void): void {
  vector.signatures.forEach((signature, i) => {
    visit(signature, vector.values[i])
  })
}

function apply(op: Arithmetic, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return b === 0 ? Number.NaN : a / b
  }
}

/** NaN for no values at all; like PromQL, `max` and `min` pass over NaN and the others do not. */
function aggregate(by: Aggregation, values: readonly number[]): number {
  if (values.length === 0) return Number.NaN
  switch (by) {
    case 'count':
      return values.length
    case 'sum':
      return values.reduce((total, value) => total + value, 0)
    case 'avg':
      return values.reduce((total, value) => total + value, 0) / values.length
    case 'max':
      return values.reduce((best, value) => (value > best || Number.isNaN(best) ? value : best))
    case 'min':
      return values.reduce((best, value) => (value < best || Number.isNaN(best) ? value : best))
  }
}
