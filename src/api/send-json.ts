import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { Request, Response } from 'express'

const compress = promisify(gzip)

/** Below this, compressing costs more than it saves. */
const SMALL_BYTES = 16 * 1024

/**
 * Answers with JSON that a client may keep and ask about again: 304 without a body where it has it already, compressed
 * where it is long and the client takes that.
 */
export async function sendKnown(req: Request, res: Response, body: () => unknown): Promise<void> {
  return sendText(req, res, JSON.stringify(body()))
}

/** The same with JSON that is text already. */
export async function sendText(req: Request, res: Response, text: string): Promise<void> {
  const digest = createHash('sha256').update(text).digest('base64url').slice(0, 27)
  // What differs by who asks must not come out of a cache that others share.
  res.set({ 'Cache-Control': 'private, no-cache', Vary: 'Authorization, Cookie, Accept-Encoding' })
  res.set('ETag', `W/"${digest}"`)
  if (isKnown(req, digest)) return void res.status(304).end()
  res.type('application/json')
  if (text.length < SMALL_BYTES || !/\bgzip\b/.test(req.get('Accept-Encoding') ?? '')) return void res.send(text)
  const bytes = await compress(text, { level: constants.Z_BEST_SPEED })
  res.set('Content-Encoding', 'gzip').send(bytes)
}

/** Whether the client has what bears this mark. */
export function isKnown(req: Request, digest: string): boolean {
  const asked = req.get('If-None-Match')
  if (asked === undefined) return false
  return asked.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === `"${digest}"`)
}
