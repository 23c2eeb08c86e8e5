import type { Request } from 'express'
import type { z } from 'zod'
import { ApiError } from './problem.ts'

/**
 * Reads the parameters behind the `?`; others than those of the schema are left alone.
 *
 * @throws {ApiError} `invalid_parameter` that names the first one that does not fit
 */
export function readQuery<S extends z.ZodObject>({ query }: Request, schema: S): z.output<S> {
  const parsed = schema.safeParse(query)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]
  throw new ApiError('invalid_parameter', path.length === 0 ? message : `${String(path[0])} ${message}`)
}
