import type { Request } from 'express'
import { ApiError } from './problem.ts'

/** The id in the path, where it can be one of ours; undefined where it cannot: a store need not see it. */
export function recordIdOf(req: Request): string | undefined {
  const id = String(req.params['id'])
  return isRecordId(id) ? id : undefined
}

/** A cursor of a list of records is the id of its last one. @throws {ApiError} `invalid_parameter` */
export function recordCursor(after: string | undefined): string | undefined {
  if (after !== undefined && !isRecordId(after))
    throw new ApiError('invalid_parameter', 'cursor must be the next_cursor of an earlier answer')
  return after
}

/** A parameter that may be given once. @throws {ApiError} `invalid_parameter` */
export function textParameter(req: Request, name: string, meaning: string): string | undefined {
  const value = req.query[name]
  if (value === undefined) return undefined
  // Databases keep no NUL, and no halves of characters, in a text.
  if (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= 10_000 &&
    !value.includes('\0') &&
    value.isWellFormed()
  )
    return value
  throw new ApiError('invalid_parameter', `${name} must be ${meaning}`)
}

function isRecordId(text: string): boolean {
  return /^[\w.:-]{1,200}$/.test(text)
}
