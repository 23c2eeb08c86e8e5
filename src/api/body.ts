import { isUtf8 } from 'node:buffer'
import type { Request } from 'express'
import type { z } from 'zod'
import { scanJson } from './json-scan.ts'
import { ApiError } from './problem.ts'

/** Nested deeper than any body of ours; deeper ones are refused before they are parsed. */
const DEEPEST = 10
/** Texts are held as they came and as they were parsed; none that we know comes near. */
const LONGEST_TEXT = 1024 * 1024
/** A body must be in by then: before the server itself gives up on the request, which it does without a word of ours. */
const BODY_TIMEOUT_MS = 20_000

/**
 * Reads a JSON body of at most `limit` bytes (a key given twice counts as JSON.parse has it: the last).
 *
 * @throws {ApiError} as `readRaw` and `parseJson`, and `invalid_body` for what does not fit the schema
 */
export async function readBody<S extends z.ZodType>(req: Request, schema: S, limit: number): Promise<z.output<S>> {
  const body = parseJson(await readRaw(req, { limit }), { deepest: DEEPEST, mostValues: limit })
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new ApiError('invalid_body', parsed.error.issues.slice(0, 5).map(issueText).join('; '))
}

/** Whether anything was sent. */
export function hasBody(req: Request): boolean {
  return req.get('Transfer-Encoding') !== undefined || Number(req.get('Content-Length') ?? 0) > 0
}

export interface RawOptions {
  /** Bytes. */
  readonly limit: number
  /** Bytes that may be held for all requests together. */
  readonly budget?: ByteBudget
}

/** Bytes that requests hold in memory while they come in. */
export class ByteBudget {
  #left: number

  constructor(bytes: number) {
    this.#left = bytes
  }

  /** @returns false when there is not enough left */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#left += bytes
  }
}

/**
 * Reads a body that says it is plain JSON in UTF-8, as bytes.
 *
 * @throws {ApiError} `unsupported_media_type`; `invalid_body` when it is empty; `body_too_large`, before anything is
 * held where the length is announced; `request_timeout`; `overloaded` when the budget is used up
 */
export async function readRaw(req: Request, { limit, budget }: RawOptions): Promise<Buffer> {
  if (!hasBody(req)) throw new ApiError('invalid_body', 'the body is empty; it must be a JSON object')
  checkType(req)
  if (Number(req.get('Content-Length') ?? 0) > limit) throw tooLarge(limit)
  let held = 0
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  const timer = setTimeout(() => {
    reject(new ApiError('request_timeout', `the body must be in after ${BODY_TIMEOUT_MS / 1000} s`))
  }, BODY_TIMEOUT_MS)
  const onData = (chunk: Buffer) => {
    if (held + chunk.length > limit) return reject(tooLarge(limit))
    if (budget !== undefined && !budget.take(chunk.length))
      return reject(new ApiError('overloaded', 'too much is coming in at once; try again'))
    held += chunk.length
    chunks.push(chunk)
  }
  const onClose = () => reject(new ApiError('invalid_body', 'the connection ended before the body did'))
  const onEnd = () => {
    // It closes now, as it should: an error that nobody needs would cost more than the body.
    req.off('close', onClose)
    resolve(Buffer.concat(chunks, held))
  }
  req.on('data', onData).once('end', onEnd).once('close', onClose).once('error', onClose)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    req.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
    req.on('error', () => {})
    // What is still to come is let through and dropped, so that the client reads our answer.
    req.resume()
    budget?.giveBack(held)
  }
}

/** Gives the memory of a body back at once, not when garbage is collected; it is empty from then on. */
export function release(raw: Buffer): void {
  // A small one may lie in memory that it shares with others.
  if (raw.length > Buffer.poolSize && raw.buffer instanceof ArrayBuffer) raw.buffer.transfer(0)
}

/**
 * Parses JSON; a key given twice counts once, with its last value.
 *
 * @throws {ApiError} `invalid_body` for what is no JSON or nested too deep, `unprocessable` for too many values or too
 * long a text
 */
export function parseJson(raw: Buffer, limits: { deepest: number; mostValues: number }): unknown {
  if (!isUtf8(raw)) throw new ApiError('invalid_body', 'the body is no UTF-8')
  const { depth, values, longest } = scanJson(raw)
  if (depth > limits.deepest)
    throw new ApiError('invalid_body', `the body is nested deeper than ${limits.deepest} levels`)
  if (values > limits.mostValues)
    throw new ApiError('unprocessable', `the body holds more than ${limits.mostValues} values`)
  if (longest > LONGEST_TEXT) throw new ApiError('unprocessable', `a text is longer than ${LONGEST_TEXT} bytes`)
  try {
    return JSON.parse(raw.toString())
  } catch {
    throw new ApiError('invalid_body', 'the body cannot be read as JSON')
  }
}

function checkType(req: Request): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(req.get('Content-Type') ?? '')?.[1]
  if (!req.is('application/json') || (charset !== undefined && !/^utf-?8$/i.test(charset)))
    throw new ApiError('unsupported_media_type', 'the Content-Type must be application/json, in UTF-8')
  const encoding = req.get('Content-Encoding')
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw new ApiError('unsupported_media_type', 'the body must come without a Content-Encoding')
}

function tooLarge(limit: number): ApiError {
  return new ApiError('body_too_large', `the body must have at most ${limit} bytes`)
}

function issueText({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}
