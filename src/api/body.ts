import express, { type Request, type Response } from 'express'
import type { z } from 'zod'
import { ApiError } from './problem.ts'

/** Nested deeper than any body of ours; deeper ones are refused before they are looked at. */
const DEEPEST = 10

/**
 * Reads a JSON body of at most `limit` bytes (a key given twice counts as JSON.parse has it: the last).
 *
 * @throws {ApiError} `unsupported_media_type` for anything but plain JSON in UTF-8, `body_too_large`, and `invalid_body`
 * for what does not fit the schema
 */
export async function readBody<S extends z.ZodType>(
  req: Request,
  res: Response,
  schema: S,
  limit: number,
): Promise<z.output<S>> {
  const body = await parseJson(req, res, limit)
  if (isDeep(body, DEEPEST)) throw new ApiError('invalid_body', `the body is nested deeper than ${DEEPEST} levels`)
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new ApiError('invalid_body', parsed.error.issues.slice(0, 5).map(issueText).join('; '))
}

/** Whether anything was sent. */
export function hasBody(req: Request): boolean {
  return req.get('Transfer-Encoding') !== undefined || Number(req.get('Content-Length') ?? 0) > 0
}

function parseJson(req: Request, res: Response, limit: number): Promise<unknown> {
  if (!hasBody(req)) throw new ApiError('invalid_body', 'the body is empty; it must be a JSON object')
  if (!req.is('application/json')) {
    throw new ApiError('unsupported_media_type', 'the Content-Type must be application/json')
  }
  return new Promise((resolve, reject) => {
    express.json({ limit, inflate: false })(req, res, (error?: unknown) => {
      if (error === undefined) resolve(req.body)
      else reject(problemOf(error as { status?: number }, limit))
    })
  })
}

function problemOf(error: { status?: number }, limit: number): unknown {
  switch (error.status) {
    case 400:
      return new ApiError('invalid_body', 'the body cannot be read as a JSON object')
    case 413:
      return new ApiError('body_too_large', `the body must have at most ${limit} bytes`)
    case 415:
      return new ApiError('unsupported_media_type', 'the body must be JSON in UTF-8, without a Content-Encoding')
    default:
      return error
  }
}

function isDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((one) => isDeep(one, levels - 1))
}

function issueText({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}
