import type { Aggregation, Arithmetic, BaseFeature, Expr, Matcher, Unit } from '../../domain/feature.ts'

type Operand = Expr | number

/** Matchers by label: a string is `=`, otherwise the operator goes before the value, as in `not('lo')`. */
export type Where = Readonly<Record<string, string | Omit<Matcher, 'label'>>>

export const not = (value: string) => ({ op: '!=', value }) as const
export const like = (regex: string) => ({ op: '=~', value: regex }) as const
export const unlike = (regex: string) => ({ op: '!~', value: regex }) as const

export const gauge = (metric: string, where: Where = {}): Expr => ({ kind: 'gauge', metric, matchers: matchers(where) })
export const rate = (metric: string, where: Where = {}): Expr => ({ kind: 'rate', metric, matchers: matchers(where) })
export const increase = (metric: string, where: Where = {}): Expr => ({
  kind: 'increase',
  metric,
  matchers: matchers(where),
})

/** The first of these that has a value. */
export const first = (...of: readonly [Expr, ...Expr[]]): Expr => (of.length === 1 ? of[0] : { kind: 'first', of })

export const sum = (of: Expr): Expr => aggregate('sum', of)
export const avg = (of: Expr): Expr => aggregate('avg', of)
export const max = (of: Expr): Expr => aggregate('max', of)
export const count = (of: Expr): Expr => aggregate('count', of)

export const add = (left: Operand, right: Operand): Expr => binary('+', left, right)
export const sub = (left: Operand, right: Operand): Expr => binary('-', left, right)
export const mul = (left: Operand, right: Operand): Expr => binary('*', left, right)
/** No value where the divisor is zero. */
export const div = (left: Operand, right: Operand): Expr => binary('/', left, right)

export const feature = (name: string, unit: Unit, help: string, expr: Expr): BaseFeature => ({ name, help, unit, expr })

function matchers(where: Where): Matcher[] {
  return Object.entries(where).map(([label, test]) =>
    typeof test === 'string' ? { label, op: '=', value: test } : { label, ...test },
  )
}

function aggregate(by: Aggregation, of: Expr): Expr {
  return { kind: 'aggregate', by, of }
}

function binary(op: Arithmetic, left: Operand, right: Operand): Expr {
  if (typeof left === 'number' && typeof right === 'number')
    throw new RangeError(`${left} ${op} ${right} has no series`)
  return { kind: 'binary', op, left, right }
}
