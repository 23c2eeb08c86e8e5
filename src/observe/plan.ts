import type { Aggregation, Arithmetic, BaseFeature, Expr } from '../domain/feature.ts'
import type { Catalogue } from './catalogue/preset.ts'
import { perTarget } from './expr.ts'
import { compileMatchers, type LabelTest } from './matcher.ts'

/** A selector of some feature; equal ones are shared. */
export interface Leaf {
  readonly index: number
  readonly kind: 'gauge' | 'rate' | 'increase'
  readonly metric: string
  /** Where it is not the rate window. */
  readonly windowMs?: number
  readonly test: LabelTest
}

/** An expression with its selectors replaced by leaves. */
export type Node =
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  | { readonly kind: 'quantile'; readonly quantile: number; readonly leaf: Leaf }
  | { readonly kind: 'first'; readonly of: readonly Node[] }
  | { readonly kind: 'aggregate'; readonly by: Aggregation; readonly of: Node }
  | { readonly kind: 'binary'; readonly op: Arithmetic; readonly left: Node | number; readonly right: Node | number }

/** A catalogue made ready to be evaluated over many targets; immutable and shared by them. */
export interface Plan {
  readonly features: readonly string[]
  readonly roots: readonly Node[]
  readonly leafCount: number
  /** Every metric that must be kept, with the leaves that read it. */
  readonly leavesByMetric: ReadonlyMap<string, readonly Leaf[]>
  readonly wanted: ReadonlySet<string>
  /** The longest window that a leaf has of its own, ms; 0 where none has. */
  readonly longestWindowMs: number
}

/** @throws {RangeError} when a matcher's regular expression cannot be compiled */
export function planOf(catalogue: Catalogue): Plan {
  const leaves = new Map<string, Leaf>()
  const roots = catalogue.features.map((feature: BaseFeature) => resolve(perTarget(feature.expr), leaves))
  const leavesByMetric = new Map<string, Leaf[]>(catalogue.heartbeats.map((metric) => [metric, []]))
  for (const leaf of leaves.values()) {
    leavesByMetric.set(leaf.metric, [...(leavesByMetric.get(leaf.metric) ?? []), leaf])
  }
  return {
    features: catalogue.features.map((feature) => feature.name),
    roots,
    leafCount: leaves.size,
    leavesByMetric,
    wanted: new Set(leavesByMetric.keys()),
    longestWindowMs: Math.max(0, ...[...leaves.values()].map(({ windowMs }) => windowMs ?? 0)),
  }
}

function resolve(expr: Expr, leaves: Map<string, Leaf>): Node {
  switch (expr.kind) {
    case 'aggregate':
      return { kind: 'aggregate', by: expr.by, of: resolve(expr.of, leaves) }
    case 'binary': {
      const side = (operand: Expr | number) => (typeof operand === 'number' ? operand : resolve(operand, leaves))
      return { kind: 'binary', op: expr.op, left: side(expr.left), right: side(expr.right) }
    }
    case 'first':
      return { kind: 'first', of: expr.of.map((one) => resolve(one, leaves)) }
    case 'quantile':
      return { kind: 'quantile', quantile: expr.quantile, leaf: leafOf({ ...expr, kind: 'rate' }, leaves) }
    default:
      return { kind: 'leaf', leaf: leafOf(expr, leaves) }
  }
}

function leafOf(expr: Extract<Expr, { kind: Leaf['kind'] }>, leaves: Map<string, Leaf>): Leaf {
  const { kind, metric, matchers } = expr
  const windowMs = expr.kind === 'increase' ? expr.windowMs : undefined
  const key = JSON.stringify([kind, metric, matchers, windowMs])
  const known = leaves.get(key)
  if (known) return known
  const leaf: Leaf = { index: leaves.size, kind, metric, windowMs, test: compileMatchers(matchers) }
  leaves.set(key, leaf)
  return leaf
}
