import type { Expr, Matcher } from '../domain/feature.ts'
import { perTarget } from './expr.ts'

export interface CompileOptions {
  /** Labels that tell targets apart; every aggregation is `by` them. */
  readonly identity: readonly string[]
  readonly rateWindowMs: number
  /** Added to every selector, to watch only part of what a Prometheus holds. */
  readonly extraMatchers?: readonly Matcher[]
}

/**
 * PromQL for `expr`, one series per target.
 *
 * A division by zero yields no sample (`a / (b != 0)`) rather than the Inf or NaN that PromQL would give, so that one
 * empty disk cannot hide the others in a `max`.
 *
 * @throws {RangeError} when a metric or label name is not valid in PromQL, or a number is not finite
 */
export function compile(expr: Expr, options: CompileOptions): string {
  return write(perTarget(expr), options)
}

/** PromQL for the time of the newest sample of any of `metrics`, per target, in seconds since the epoch. */
export function compileHeartbeat(metrics: readonly string[], options: CompileOptions): string {
  const times = metrics.map((metric) => `timestamp(${selector(metric, [], options)})`)
  return `max by (${options.identity.map(labelName).join(', ')}) (${times.join(' or ')})`
}

/** A selector such as `node_load1{job="node"}`. */
export function selector(metric: string, matchers: readonly Matcher[], options: CompileOptions): string {
  const all = [...matchers, ...(options.extraMatchers ?? [])].map(
    (matcher) => `${labelName(matcher.label)}${matcher.op}${quote(matcher.value)}`,
  )
  return all.length === 0 ? metricName(metric) : `${metricName(metric)}{${all.join(',')}}`
}

function write(expr: Expr | number, options: CompileOptions): string {
  if (typeof expr === 'number') return literal(expr)
  switch (expr.kind) {
    case 'gauge':
      return selector(expr.metric, expr.matchers, options)
    case 'rate':
      return `rate(${range(expr, options.rateWindowMs, options)})`
    case 'increase':
      return `increase(${range(expr, expr.windowMs ?? options.rateWindowMs, options)})`
    case 'quantile': {
      const by = [...options.identity, 'le'].map(labelName).join(', ')
      const buckets = `sum by (${by}) (rate(${range(expr, options.rateWindowMs, options)}))`
      return `histogram_quantile(${literal(expr.quantile)}, ${buckets})`
    }
    case 'first':
      return `(${expr.of.map((one) => write(one, options)).join(' or ')})`
    case 'aggregate':
      return `${expr.by} by (${options.identity.map(labelName).join(', ')}) (${write(expr.of, options)})`
    case 'binary': {
      const right = write(expr.right, options)
      const divisor = expr.op === '/' && typeof expr.right !== 'number' ? `(${right} != 0)` : right
      return `(${write(expr.left, options)} ${expr.op} ${divisor})`
    }
  }
}

function range(
  { metric, matchers }: { readonly metric: string; readonly matchers: readonly Matcher[] },
  windowMs: number,
  options: CompileOptions,
): string {
  return `${selector(metric, matchers, options)}[${promDuration(windowMs)}]`
}

/** A PromQL duration, in seconds where it is a whole number of them. */
function promDuration(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${Math.round(ms)}ms`
}

function literal(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} cannot stand in a PromQL expression`)
  return value < 0 ? `(${value})` : String(value)
}

function quote(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}

function metricName(name: string): string {
  if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)) throw new RangeError(`not a metric name: ${JSON.stringify(name)}`)
  return name
}

function labelName(name: string): string {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) throw new RangeError(`not a label name: ${JSON.stringify(name)}`)
  return name
}
