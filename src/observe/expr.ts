import type { Expr } from '../domain/feature.ts'

/**
 * The same expression ending in one value per target. A bare series that stands alone or meets an aggregation is
 * wrapped in `max`: a host has one `node_load1`, but its series may carry further labels (rack, replica) that would
 * not match those of an aggregation.
 */
export function perTarget(expr: Expr): Expr {
  if (expr.kind === 'quantile') return expr
  if (expr.kind === 'first') return { ...expr, of: expr.of.map(perTarget) }
  if (expr.kind === 'aggregate') return hasAggregation(expr.of) ? { ...expr, of: perTarget(expr.of) } : expr
  if (expr.kind !== 'binary' || !hasAggregation(expr)) return { kind: 'aggregate', by: 'max', of: expr }
  return { ...expr, left: side(expr.left), right: side(expr.right) }
}

/** Every metric name that `expr` reads. */
export function metricsOf(expr: Expr | number): string[] {
  if (typeof expr === 'number') return []
  if (expr.kind === 'aggregate') return metricsOf(expr.of)
  if (expr.kind === 'binary') return [...metricsOf(expr.left), ...metricsOf(expr.right)]
  if (expr.kind === 'first') return expr.of.flatMap(metricsOf)
  return [expr.metric]
}

function side(expr: Expr | number): Expr | number {
  return typeof expr === 'number' ? expr : perTarget(expr)
}

function hasAggregation(expr: Expr | number): boolean {
  if (typeof expr === 'number') return false
  if (expr.kind === 'binary') return hasAggregation(expr.left) || hasAggregation(expr.right)
  return expr.kind === 'aggregate' || expr.kind === 'quantile' || expr.kind === 'first'
}
