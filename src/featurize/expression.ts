import { Environment } from '@marcbachmann/cel-js'
import type { RowView } from './engineered.ts'

/** A user's expression that names an unknown feature, or does not give a number. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError'
}

/**
 * Compiles a CEL expression over the features that stand before it, for example `disk_read / (cpu_usage + 1.0)`.
 * Every feature is a double, so number literals in arithmetic need a decimal point; a boolean result counts 1 or 0.
 *
 * @param names features that may be named
 * @throws {ExpressionError} on a syntax error, an unknown name, or a result that is neither number nor boolean
 */
export function compileExpression(source: string, names: readonly string[]): (row: RowView) => number {
  const environment = new Environment()
  for (const name of names) environment.registerVariable(name, 'double')
  const checked = environment.check(source)
  if (!checked.valid) throw new ExpressionError(firstLine(checked.error))
  if (!['double', 'int', 'bool'].includes(String(checked.type))) {
    throw new ExpressionError(`the result is a ${checked.type}, expected a number`)
  }
  const program = environment.parse(source)
  const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(source))
  return (row) => {
    const variables: Record<string, number> = {}
    for (const name of used) variables[name] = row.get(name)
    return Number(program(variables))
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0]
}
